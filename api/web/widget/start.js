/** Puts the launcher on a page that has placed no chat of its own. */
function launch() {
  if (document.querySelector(TAG)) return;
  const given = { mode: "launcher" };
  OPTIONS.forEach((name) => {
    given[name] = SCRIPT.dataset[name];
  });
  document.body.appendChild(el(TAG, given));
}

if (!window.customElements.get(TAG)) {
  window.customElements.define(TAG, LvxiaoyuChat);
  if (SCRIPT && SCRIPT.dataset.mode !== "inline") {
    if (document.body) launch();
    else document.addEventListener("DOMContentLoaded", launch);
  }
}
