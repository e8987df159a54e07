class LvxiaoyuChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) {
      this.listen();
      this.stream.open();
      return;
    }
    this.memory = new Memory();
    this.client = new Client(this.memory);
    this.stream = new NoticeStream(this.memory, (notice) => this.arrived(notice));
    this.unseen = new Set();
    this.resting = null;
    this.line = Promise.resolve();
    this.unsent = [];
    this.started = false;
    this.generation = 0;
    this.floating = this.getAttribute("mode") !== "inline";
    this.build();
    this.listen();
    if (!this.floating) this.start();
    this.stream.open();
  }

  disconnectedCallback() {
    window.removeEventListener("online", this.onConnection);
    window.removeEventListener("offline", this.onConnection);
    this.stream.close();
  }

  listen() {
    this.onConnection = () => this.connection();
    window.addEventListener("online", this.onConnection);
    window.addEventListener("offline", this.onConnection);
  }

  build() {
    const root = this.attachShadow({ mode: "open" });
    const style = el("link", { rel: "stylesheet", href: new URL("widget.css", HERE).href });
    const shell = el("div", { class: "shell " + (this.floating ? "floating" : "inline"), hidden: true });
    if (this.getAttribute("place") === "left") shell.classList.add("left");
    const show = () => {
      shell.hidden = false;
      this.scroll(this.resting);
    };
    style.addEventListener("load", show);
    style.addEventListener("error", show);

    this.log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": WORDS.log, tabindex: "0" });
    this.live = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
    this.typing = el("div", { class: "message theirs typing", "aria-hidden": "true" }, [
      el("span", { class: "avatar" }, [icon("leaf")]),
      el("p", { class: "bubble" }, [el("i"), el("i"), el("i")]),
    ]);
    this.banner = el("p", { class: "banner", hidden: navigator.onLine !== false, text: WORDS.offline });
    this.panel = el("section", { class: "panel", id: "panel", "aria-label": WORDS.region }, [
      this.bar(),
      this.log,
      this.banner,
      this.composer(),
      this.live,
    ]);
    shell.appendChild(this.panel);
    if (this.floating) shell.appendChild(this.floatingButton());
    root.appendChild(style);
    root.appendChild(shell);
    this.log.appendChild(this.welcome());
  }

  bar() {
    const button = (name, words, onclick) =>
      el("button", { type: "button", class: "bar-button", "aria-label": words, title: words, onclick: onclick }, [
        icon(name),
        this.floating ? null : el("span", { text: words }),
      ]);
    return el("header", { class: "bar" }, [
      el("span", { class: "avatar", "aria-hidden": "true" }, [icon("leaf")]),
      el("p", { class: "who" }, [el("b", { text: this.floating ? WORDS.name : WORDS.region }), el("small", { text: WORDS.subtitle })]),
      button("renew", WORDS.renew, () => this.renew()),
      this.floating ? button("close", WORDS.close, () => this.toggle(false)) : null,
    ]);
  }

  composer() {
    this.input = el("textarea", {
      rows: "1", "aria-label": WORDS.input, placeholder: WORDS.placeholder, enterkeyhint: "send",
      autocomplete: "off", "aria-describedby": "counter", oninput: () => this.measure(), onkeydown: (e) => this.key(e),
    });
    this.counter = el("p", { class: "counter", id: "counter" });
    const submit = el("button", { type: "submit", class: "send", "aria-label": WORDS.send, title: WORDS.send }, [icon("send")]);
    const form = el("form", { class: "composer", novalidate: true }, [this.input, submit, this.counter]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // The host page's own shortcuts must not act on what is typed here.
    ["keydown", "keypress", "keyup"].forEach((name) => form.addEventListener(name, (e) => e.key !== "Escape" && e.stopPropagation()));
    return form;
  }

  floatingButton() {
    this.panel.setAttribute("role", "dialog");
    this.panel.hidden = true;
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.toggle(false);
    });
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
    if (topics.length) {
      const parts = node.querySelector(".parts");
      parts.appendChild(el("p", { class: "aside-title", text: WORDS.topics }));
      const buttons = topics.map((topic) => ({ label: topic, message: topic }));
      parts.appendChild(choices(buttons, WORDS.topics, (message) => this.say(message)));
    }
    return node;
  }

  toggle(open) {
    this.panel.hidden = !open;
    this.launcher.hidden = open;
    this.launcher.setAttribute("aria-expanded", String(open));
    if (open) this.start();
    (open ? this.input : this.launcher).focus();
  }

  /** Fetches the history once; what is asked meanwhile waits its turn behind it. */
  start() {
    if (this.started) return;
    this.started = true;
    this.line = this.line.then(() => this.restore());
  }

  async restore() {
    const generation = this.generation;
    try {
      const history = await this.client.history();
      if (generation !== this.generation) return;
      const messages = (history && history.messages) || [];
      if (!messages.length) return;
      messages.forEach((message) => {
        const arrived = message.campaign && this.noticeNode(message.id);
        if (arrived) arrived.remove();
      });
      const before = this.log.querySelector(".mine, .campaign");
      const place = (node) => this.log.insertBefore(node, before);
      messages.forEach((message) => {
        if (message.role === "resident") place(questionNode(message.text));
        else place(this.replied(message, false));
      });
      place(el("p", { class: "divider", text: WORDS.earlier }));
      const unread = messages.find((message) => message.campaign && !message.campaign.opened);
      this.resting = unread ? this.noticeNode(unread.id) : null;
      this.scroll(this.resting);
    } catch (failure) {
      this.log.appendChild(el("p", { class: "divider", text: WORDS.historyFailed }));
    }
  }

  replied(message, degraded) {
    const node = replyNode(message, degraded, (text) => this.say(text), this.client);
    if (message.campaign && !message.campaign.opened) this.watch(message.id, node);
    return node;
  }

  noticeNode(id) {
    return Array.from(this.log.querySelectorAll(".campaign")).find((node) => node.dataset.notice === id);
  }

  /** A campaign message came: it stands at the end, and moves what is being read only if that is the end. */
  arrived(notice) {
    if (this.noticeNode(notice.id)) return;
    const atEnd = this.log.scrollHeight - this.log.clientHeight - this.log.scrollTop < 60;
    const node = this.replied(notice, false);
    this.log.appendChild(node);
    if (atEnd) this.scroll(node);
    this.announce(WORDS.newNotice + notice.text);
  }

  /** Tells the service once the message is before the resident's eyes, and counts it as new until then. */
  watch(id, node) {
    const generation = this.generation;
    this.unseen.add(id);
    this.badge();
    const observer = new IntersectionObserver((entries) => {
      if (generation !== this.generation) observer.disconnect();
      else if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        this.unseen.delete(id);
        this.badge();
        this.client.opened([id]).catch(() => null);
      }
    });
    observer.observe(node);
  }

  badge() {
    if (!this.launcher) return;
    const n = this.unseen.size;
    this.news.hidden = !n;
    this.news.textContent = String(n);
    this.launcher.setAttribute("aria-label", n ? fill(WORDS.openNew, { n: n }) : WORDS.open);
  }

  /** Starts anew; what is still under way belongs to the old conversation and is let go. */
  renew() {
    this.generation += 1;
    this.stream.pause();
    this.unseen.clear();
    this.memory.forget();
    this.unsent = [];
    this.line = Promise.resolve();
    this.log.textContent = "";
    this.log.appendChild(this.welcome());
    this.announce(WORDS.renewed);
    this.input.focus();
  }

  key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) {
      this.input.focus();
      return;
    }
    if (Array.from(text).length > MESSAGE_LIMIT) {
      this.announce(WORDS.tooLong);
      this.input.focus();
      return;
    }
    this.input.value = "";
    this.measure();
    this.input.focus();
    this.say(text);
  }

  measure() {
    const count = Array.from(this.input.value.trim()).length;
    const over = count > MESSAGE_LIMIT;
    this.counter.textContent = over
      ? fill(WORDS.over, { n: count - MESSAGE_LIMIT }) + "，" + WORDS.tooLong
      : count >= COUNTER_FROM ? fill(WORDS.left, { n: MESSAGE_LIMIT - count }) : "";
    this.counter.classList.toggle("over", over);
    this.input.setAttribute("aria-invalid", String(over));
    this.input.style.height = "auto";
    this.input.style.height = Math.min(this.input.scrollHeight, 144) + "px";
  }

  /** Shows the message and sends it behind those before it. */
  say(text) {
    const node = questionNode(text);
    this.log.appendChild(node);
    this.scroll(node);
    this.enqueue({ text: text, node: node });
  }

  enqueue(message) {
    this.start();
    this.state(message, WORDS.sending, false);
    this.line = this.line.then(() => this.deliver(message));
  }

  async deliver(message) {
    if (!message.node.isConnected) return;
    if (navigator.onLine === false) {
      this.unsent.push(message);
      this.state(message, WORDS.waiting, true);
      return;
    }
    this.log.insertBefore(this.typing, message.node.nextSibling);
    this.scroll(this.typing);
    this.announce(WORDS.typing);
    try {
      const reply = await this.client.say(message.text);
      if (!message.node.isConnected) return;
      if (reply.conversation_id) this.memory.keep(reply.conversation_id, reply.token);
      this.stream.start();
      this.state(message, "", false);
      this.answer(message, reply);
    } catch (failure) {
      if (!message.node.isConnected) return;
      this.state(message, WORDS.failed + "：" + failure.message, true);
      this.announce(WORDS.failed + "：" + failure.message);
    } finally {
      this.typing.remove();
    }
  }

  answer(message, reply) {
    let last = message.node;
    const nodes = reply.messages.map((part) => this.replied(part, reply.degraded));
    nodes.forEach((node) => {
      last.parentNode.insertBefore(node, last.nextSibling);
      last = node;
    });
    this.typing.remove();
    const short = message.node.offsetHeight < this.log.clientHeight / 3;
    this.scroll(short ? message.node : nodes[0] || message.node);
    this.announce(reply.messages.map((part) => part.text).join("\n"));
  }

  /** What became of a message; `again` offers to send it once more. */
  state(message, words, again) {
    const place = message.node.querySelector(".state");
    const had = this.shadowRoot.activeElement && place.contains(this.shadowRoot.activeElement);
    place.textContent = words;
    message.node.classList.toggle("failed", again);
    if (again) {
      const retry = () => {
        this.unsent = this.unsent.filter((other) => other !== message);
        this.enqueue(message);
      };
      place.appendChild(el("button", { type: "button", class: "retry", text: WORDS.retry, onclick: retry }));
      this.scroll(message.node);
    }
    if (had) this.input.focus();
  }

  connection() {
    const offline = navigator.onLine === false;
    this.banner.hidden = !offline;
    this.announce(offline ? WORDS.offline : WORDS.online);
    if (!offline) this.unsent.splice(0).forEach((message) => this.enqueue(message));
  }

  announce(words) {
    this.live.textContent = words;
  }

  /** Brings the beginning of `node` into view, or the end of the conversation. */
  scroll(node) {
    const log = this.log;
    const end = log.scrollHeight - log.clientHeight;
    if (!node) {
      log.scrollTop = end;
      return;
    }
    const top = log.scrollTop + node.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
    log.scrollTop = Math.min(end, top);
  }
}
