function radios(name, words, value, choose) {
  const options = Object.keys(words).map((one) => {
    const input = el("input", { type: "radio", name: name, value: one, onchange: () => choose(one) });
    input.checked = one === value;
    return el("label", { class: "radio" }, [input, el("span", { text: words[one] })]);
  });
  return el("fieldset", {}, [el("legend", { text: WORDS.settings[name] }), el("div", { class: "radios" }, options)]);
}

function download(content) {
  const file = new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
  const url = URL.createObjectURL(file);
  const anchor = el("a", { href: url, download: "lvxiaoyu.json" });
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(url), AGAIN_MS);
}

/** How it looks and speaks, and the resident's rights over what is kept. */
function settingsSheet(chat, closed) {
  const said = el("p", { class: "hint", role: "status" });
  const mine = chat.memory.id && chat.memory.token;
  const attempt = async (work, done) => {
    try {
      await work();
      said.textContent = done;
    } catch (failure) {
      said.textContent = failure.message;
    }
  };
  const row = (words, onclick) => el("button", { type: "button", class: "choice", text: words, disabled: !mine, onclick: onclick });
  const erase = row(WORDS.erase, () => {
    sure.hidden = false;
    sure.querySelector("button").focus();
  });
  const sure = el("div", { class: "sure", hidden: true, role: "group", "aria-label": WORDS.erase }, [
    el("p", { text: WORDS.eraseSure }),
    el("div", { class: "choices" }, [
      el("button", { type: "button", class: "choice danger", text: WORDS.eraseYes, onclick: () =>
        attempt(async () => {
          await chat.client.erase();
          chat.renew();
        }, WORDS.erased) }),
      el("button", { type: "button", class: "choice", text: WORDS.eraseNo, onclick: () => {
        sure.hidden = true;
        erase.focus();
      } }),
    ]),
  ]);
  const close = el("button", { type: "button", class: "bar-button", "aria-label": WORDS.closeSettings, title: WORDS.closeSettings, onclick: closed }, [icon("close")]);
  return el("section", { class: "side sheet", role: "dialog", "aria-label": WORDS.settings.title }, [
    el("header", { class: "side-bar" }, [el("h2", { text: WORDS.settings.title, tabindex: "-1" }), close]),
    el("div", { class: "reader-body" }, [
      radios("size", WORDS.sizes, chat.option("size") || "normal", (value) => chat.choose({ size: value })),
      radios("theme", WORDS.themes, chat.option("theme") || "auto", (value) => chat.choose({ theme: value })),
      radios("lang", WORDS.langs, chat.lang, (value) => chat.choose({ lang: value })),
      el("h3", { text: WORDS.privacyTitle }),
      el("p", { class: "muted", text: WORDS.privacy }),
      link("privacy", { class: "open" }, [el("span", { text: WORDS.privacyMore }), hiddenText(WORDS.newTabPlain), icon("open")]),
      el("div", { class: "choices" }, [
        row(WORDS.export, () => attempt(async () => download(await chat.client.export()), WORDS.exported)),
        erase,
      ]),
      sure,
      said,
    ]),
  ]);
}
