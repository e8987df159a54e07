// When the socket closes, ask whether the session still goes on; if not, the sign-in page comes. A page that
// ends its own session says before where to go then: window.consoleGoesTo.
addEventListener("load", () => {
  let asking = false;
  let leaving = false;
  addEventListener("submit", () => { leaving = true; });
  const check = async () => {
    if (asking || leaving) return;
    asking = true;
    try {
      const answer = await fetch("/console/session", { cache: "no-store" });
      if (answer.status !== 401 || leaving) return;
      if (window.consoleGoesTo) location.assign(window.consoleGoesTo);
      else location.reload();
    } catch {
      // No connection: the page says so, and tries again by itself.
    } finally {
      asking = false;
    }
  };
  window.socket?.on("disconnect", check);
  window.socket?.on("connect_error", check);
});

// A menu longer than the screen opens where one is.
new MutationObserver((_, observer) => {
  const link = document.querySelector(".console-drawer .console-link.current");
  const box = link?.closest(".q-drawer__content");
  if (!box) return;
  observer.disconnect();
  requestAnimationFrame(() => {
    const below = link.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
    if (below > 0) box.scrollTop += below + box.clientHeight / 3;
  });
}).observe(document.documentElement, { childList: true, subtree: true });

// A dialog is called what its title says, for those who hear the page.
new MutationObserver(() => {
  for (const dialog of document.querySelectorAll(".q-dialog[role=dialog]:not([aria-label])")) {
    const title = dialog.querySelector(".console-dialog-title");
    if (title) dialog.setAttribute("aria-label", title.textContent);
  }
}).observe(document.documentElement, { childList: true, subtree: true });
