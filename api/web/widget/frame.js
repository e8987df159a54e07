/** How the chat looks and opens: its surface, its settings, what stands beside it. What is said is not its business. */
class Frame extends HTMLElement {
  /** What the resident chose, else what the site asks for. */
  option(name) {
    return this.memory.all()[name] || this.getAttribute(name);
  }

  get lang() {
    return this.option("lang") === "en" ? "en" : "zh";
  }

  choose(changes) {
    this.memory.keep(changes);
    if (changes.lang) learn(changes.lang).then(() => this.rebuild());
    else this.dress();
  }

  dress() {
    const theme = themeOf(this.option("theme"));
    this.shell.dataset.theme = theme;
    this.shell.dataset.size = this.option("size") || "normal";
    paint(this.shell, this.getAttribute("colour"), theme);
    const detail = { theme, size: this.shell.dataset.size };
    this.dispatchEvent(new CustomEvent("lvxiaoyu-look", { bubbles: true, detail }));
  }

  build() {
    WORDS = WORDINGS[this.lang] || WORDINGS.zh;
    const root = this.shadowRoot;
    const style = el("link", { rel: "stylesheet", href: new URL("widget.css", HERE).href });
    const place = this.getAttribute("place") === "left" ? " left" : "";
    const shell = el("div", { class: "shell " + (this.floating ? "floating" : "inline") + place, lang: WORDS.lang, hidden: true });
    const show = () => {
      shell.hidden = false;
      this.fit();
      if (this.transcript.items.length > 1) this.scroll(this.resting);
    };
    style.addEventListener("load", show);
    style.addEventListener("error", show);
    this.shell = shell;
    this.log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": WORDS.log, tabindex: "0" });
    this.live = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
    this.banner = el("p", { class: "banner", hidden: navigator.onLine !== false, text: WORDS.offline });
    this.composer = new Composer(this);
    this.input = this.composer.input;
    this.talk = el("div", { class: "talk" }, [this.log, this.banner, this.composer.node]);
    this.reader = new Reader(this.client, () => this.closeSide());
    this.body = el("div", { class: "body" }, [this.talk, this.reader.node]);
    this.panel = el("section", { class: "panel", id: "panel", "aria-label": WORDS.region }, [this.bar(), this.body, this.live]);
    this.panel.addEventListener("keydown", (event) => this.escape(event));
    shell.appendChild(this.panel);
    if (this.floating) shell.appendChild(this.floatingButton());
    if (this.transcript) this.transcript.settle(this.log);
    else this.transcript = new Transcript(this.log);
    this.transcript.typing = el("div", { class: "message theirs typing", "aria-hidden": "true" }, [
      el("span", { class: "avatar" }, [icon("leaf")]),
      el("p", { class: "bubble" }, [el("i"), el("i"), el("i")]),
    ]);
    this.side = null;
    this.dress();
    root.textContent = "";
    root.appendChild(style);
    root.appendChild(shell);
  }

  /** Draws everything anew, in another language; what was written and what is open stays. */
  rebuild() {
    const kept = { text: this.input.value, open: !this.panel.hidden };
    VOICE.stop();
    this.transcript.items.forEach((item) => {
      item.node = null;
    });
    this.build();
    this.transcript.before.textContent = WORDS.showEarlier;
    this.transcript.behind.textContent = WORDS.showLatest;
    this.input.value = kept.text;
    if (this.floating && kept.open) this.reveal(true);
    this.badge();
    this.openSettings();
  }

  bar() {
    const button = (name, words, onclick) =>
      el("button", { type: "button", class: "bar-button", "aria-label": words, title: words, onclick: onclick }, [
        icon(name),
        this.floating ? null : el("span", { text: words }),
      ]);
    this.tune = button("tune", WORDS.settings.open, () => this.openSettings());
    return el("header", { class: "bar" }, [
      el("span", { class: "avatar", "aria-hidden": "true" }, [icon("leaf")]),
      el("p", { class: "who" }, [el("b", { text: this.floating ? WORDS.name : WORDS.region }), el("small", { text: WORDS.subtitle })]),
      this.tune,
      button("renew", WORDS.renew, () => this.renew()),
      this.floating ? button("close", WORDS.close, () => this.toggle(false)) : null,
    ]);
  }

  floatingButton() {
    this.panel.setAttribute("role", "dialog");
    this.panel.hidden = true;
    this.launcher = el("button", {
      type: "button", class: "launcher", "aria-label": WORDS.open, title: WORDS.open,
      "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.toggle(true),
    }, [icon("leaf"), el("span", { text: WORDS.name, "aria-hidden": "true" })]);
    this.news = el("span", { class: "news", "aria-hidden": "true", hidden: true });
    this.launcher.appendChild(this.news);
    return this.launcher;
  }

  welcome() {
    const topics = (this.getAttribute("topics") || "").split("|").map((topic) => topic.trim()).filter(Boolean);
    const node = replyNode({ kind: "smalltalk", text: WORDS.welcome }, false, null);
    const parts = node.querySelector(".parts");
    if (topics.length) {
      parts.appendChild(el("p", { class: "aside-title", text: WORDS.topics }));
      const buttons = topics.map((topic) => ({ label: topic, message: topic }));
      parts.appendChild(choices(buttons, WORDS.topics, (message) => this.say(message)));
    }
    const more = link("privacy", {}, [el("span", { text: WORDS.privacyMore }), hiddenText(WORDS.newTabPlain)]);
    parts.appendChild(el("p", { class: "hint" }, [el("span", { text: WORDS.privacyShort }), more]));
    return node;
  }

  /* ---- open, closed, beside ---- */

  toggle(open) {
    this.reveal(open);
    if (open) this.start();
    else VOICE.stop();
    (open ? this.input : this.launcher).focus();
  }

  reveal(open) {
    this.panel.hidden = !open;
    this.launcher.hidden = open;
    this.launcher.setAttribute("aria-expanded", String(open));
    this.fit();
  }

  escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.side) this.closeSide();
    else if (this.floating) this.toggle(false);
  }

  read(citation) {
    this.openSide(this.reader.node);
    this.reader.show(citation);
  }

  openSettings() {
    this.openSide(settingsSheet(this, () => this.closeSide()));
  }

  openSide(node) {
    const opener = this.side ? this.opener : this.shadowRoot.activeElement;
    if (this.side) this.closeSide();
    this.opener = opener;
    this.side = node;
    node.hidden = false;
    this.body.appendChild(node);
    this.fit();
    node.querySelector("h2").focus();
  }

  closeSide() {
    const sheet = this.side !== this.reader.node;
    this.side.hidden = true;
    if (sheet) this.side.remove();
    this.side = null;
    this.fit();
    (this.opener && this.opener.isConnected ? this.opener : sheet ? this.tune : this.input).focus();
  }

  /** Puts the side beside the chat where there is room, over it where there is none. */
  fit() {
    const room = this.floating ? window.innerWidth - 48 : this.panel.clientWidth;
    const beside = Boolean(this.side) && room >= 740;
    this.shell.classList.toggle("beside", beside);
    this.shell.classList.toggle("covered", Boolean(this.side) && !beside);
  }

  announce(words) {
    this.live.textContent = words;
  }

  /** Brings the beginning of `node` into view, or the end of the conversation; a hidden widget does so once shown. */
  scroll(node) {
    const log = this.log;
    this.resting = node;
    const end = log.scrollHeight - log.clientHeight;
    if (!node || !node.isConnected) {
      log.scrollTop = end;
      return;
    }
    const top = log.scrollTop + node.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
    log.scrollTop = Math.min(end, top);
  }
}
