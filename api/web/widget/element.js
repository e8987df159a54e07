/** The chat: what is said, what was said, what is sent again, and what comes by itself. */
class LvxiaoyuChat extends Frame {
  async connectedCallback() {
    if (!this.shadowRoot) {
      this.memory = new Memory();
      if (this.lang !== "zh") await learn(this.lang);
      if (!this.isConnected || this.shadowRoot) return;
      this.make();
    }
    this.listen();
    this.stream.open();
  }

  make() {
    this.floating = this.getAttribute("mode") !== "inline";
    this.client = new Client(this.memory);
    this.stream = new NoticeStream(this.memory, (notice) => this.arrived(notice));
    this.outbox = new Outbox(this.memory, (item) => this.deliver(item));
    this.unseen = new Set();
    this.started = false;
    this.generation = 0;
    this.act = {
      answerQuiz: (id, option) => this.client.answerQuiz(id, option),
      takePledge: (id) => this.client.takePledge(id),
      judge: (id, opinion) => this.client.judge(id, opinion),
      read: (citation) => this.read(citation),
      print: (node) => printNode(node, this.shadowRoot),
      announce: (words) => this.announce(words),
    };
    this.attachShadow({ mode: "open" });
    this.build();
    this.transcript.append([{ make: () => this.welcome() }]);
    if (!this.floating || this.memory.outbox.length) this.start();
  }

  disconnectedCallback() {
    if (!this.heard) return;
    this.heard.forEach((one) => one[0].removeEventListener(one[1], one[2]));
    VOICE.stop();
    this.stream.close();
  }

  listen() {
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.heard = [
      [window, "online", () => this.connection()],
      [window, "offline", () => this.connection()],
      [window, "resize", () => this.fit()],
      [window, "storage", (event) => event.key === this.memory.key && this.elsewhere()],
      [document, "visibilitychange", () => document.visibilityState === "visible" && this.back()],
    ];
    if (scheme.addEventListener) this.heard.push([scheme, "change", () => this.dress()]);
    this.heard.forEach((one) => one[0].addEventListener(one[1], one[2]));
  }

  /* ---- the conversation so far ---- */

  /** Fetches the history once; what is asked meanwhile waits its turn behind it. */
  start() {
    if (this.started) return;
    this.started = true;
    this.outbox.ready = this.restore();
    this.memory.outbox.forEach((entry) => this.post(entry.id, entry.text));
  }

  async restore() {
    const generation = this.generation;
    this.shownId = this.memory.id;
    try {
      const history = await this.client.history();
      if (generation === this.generation) this.merge((history && history.messages) || []);
      this.restored = true;
    } catch (failure) {
      this.transcript.append([{ make: () => el("p", { class: "divider", text: WORDS.historyFailed }) }]);
    }
  }

  /** Adds what is not shown yet, each at its place: earlier messages, or those of another tab. */
  merge(messages) {
    const known = (message) => (item) =>
      (item.id && item.id === message.id) || (item.client && item.client === message.client_id);
    const first = !this.restored && messages.length > 0;
    let at = 1;
    let added = 0;
    messages.forEach((message) => {
      const item = this.transcript.find(known(message));
      if (item) {
        at = Math.max(at, this.transcript.items.indexOf(item) + 1);
        return;
      }
      const next = message.role === "resident" ? this.question(message.client_id, message.text) : this.replied(message, false);
      next.id = message.id;
      this.transcript.items.splice(at, 0, next);
      at += 1;
      added += 1;
    });
    if (!added) return;
    if (first) this.transcript.items.splice(at, 0, { make: () => el("p", { class: "divider", text: WORDS.earlier }) });
    this.transcript.latestWindow();
    const unread = this.transcript.find((item) => item.notice && this.unseen.has(item.id));
    // A notice that came before the history, and is seen already, stays where it is read.
    this.scroll(unread ? unread.node : first ? this.resting : null);
  }

  /** The page is in sight or on line again: what came meanwhile is fetched, what waits is sent. */
  async back() {
    if (!this.started || navigator.onLine === false) return;
    const generation = this.generation;
    this.outbox.again();
    try {
      const history = await this.client.history();
      if (generation !== this.generation || !history) return;
      this.merge(history.messages);
      this.restored = true;
    } catch (failure) {
      /* The next time it is in sight it tries again. */
    }
  }

  /** Another tab wrote: a new conversation there is one here, too. */
  elsewhere() {
    this.dress();
    if (!this.started || this.memory.id === this.shownId) return;
    if (!this.shownId) {
      this.shownId = this.memory.id;
      this.back();
      return;
    }
    this.empty();
    this.outbox.ready = this.restore();
    this.stream.start();
  }

  empty() {
    this.generation += 1;
    this.stream.pause();
    this.outbox.clear();
    this.unseen.clear();
    this.badge();
    this.restored = false;
    this.transcript.clear();
    this.transcript.append([{ make: () => this.welcome() }]);
  }

  /** Starts anew; what is still under way belongs to the old conversation and is let go. */
  renew() {
    this.memory.forget();
    this.shownId = null;
    this.empty();
    this.announce(WORDS.renewed);
    this.input.focus();
  }

  /* ---- campaign messages ---- */

  replied(message, degraded) {
    const item = { id: message.id, notice: Boolean(message.campaign) };
    if (item.notice && !message.campaign.opened) this.unseen.add(message.id);
    item.make = () => {
      const node = replyNode(message, degraded, (text) => this.say(text), this.act);
      if (this.unseen.has(message.id)) this.watch(message.id, node);
      return node;
    };
    return item;
  }

  /** A campaign message came: it stands at the end, and moves what is being read only if that is the end. */
  arrived(notice) {
    if (this.transcript.find((item) => item.id === notice.id)) return;
    const atEnd = this.log.scrollHeight - this.log.clientHeight - this.log.scrollTop < 60;
    const item = this.replied(notice, false);
    this.transcript.append([item]);
    this.badge();
    if (atEnd) this.scroll(item.node);
    this.announce(WORDS.newNotice + notice.text);
  }

  /** Tells the service once the message is before the resident's eyes, and counts it as new until then. */
  watch(id, node) {
    const generation = this.generation;
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

  /* ---- sending ---- */

  question(client, text) {
    const item = { client: client, text: text };
    item.make = () => {
      const node = questionNode(text);
      item.node = node;
      this.mark(item);
      return node;
    };
    return item;
  }

  /** Shows the message and sends it behind those before it. */
  say(text) {
    this.start();
    this.post(newId(), text);
  }

  post(client, text) {
    const item = this.question(client, text);
    this.transcript.latestWindow([item]);
    this.scroll(item.node);
    this.enqueue(item);
  }

  enqueue(item) {
    this.mark(item, "sending");
    this.outbox.add({ id: item.client, text: item.text, item: item });
  }

  async deliver(entry) {
    const item = entry.item;
    const generation = this.generation;
    if (this.transcript.find((other) => other.client === item.client && other.id)) {
      this.mark(item, "");
      return "sent";
    }
    if (navigator.onLine === false) {
      this.mark(item, "waiting");
      return "unreached";
    }
    this.mark(item, "sending");
    this.transcript.wait(item);
    this.scroll(this.transcript.typing);
    this.announce(WORDS.typing);
    try {
      const reply = await this.client.say(item.client, item.text);
      if (generation !== this.generation) return "sent";
      if (reply.conversation_id) {
        this.shownId = reply.conversation_id;
        this.memory.hold(reply.conversation_id, reply.token);
      }
      this.stream.start();
      this.mark(item, "");
      this.answer(item, reply);
      return "sent";
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (generation !== this.generation) return "refused";
      this.mark(item, failure.status ? "failed" : "waiting", failure.message);
      this.announce(WORDS.failed + WORDS.colon + failure.message);
      if (!failure.status) return "unreached";
      return failure.status < 500 && failure.status !== 429 ? "refused" : "failed";
    } finally {
      if (generation === this.generation) this.transcript.wait(null);
    }
  }

  answer(item, reply) {
    const fresh = reply.messages.filter((part) => !this.transcript.find((one) => one.id === part.id));
    const items = fresh.map((part) => this.replied(part, reply.degraded));
    this.transcript.typingAfter = null;
    this.transcript.after(item, items);
    const short = item.node && item.node.offsetHeight < this.log.clientHeight / 3;
    this.scroll(short ? item.node : (items[0] || item).node);
    this.announce(reply.messages.map((part) => part.text).join("\n"));
  }

  /** What became of a message; one that did not go can be sent once more. */
  mark(item, state, why) {
    if (state !== undefined) item.state = { name: state, why: why };
    if (!item.node || !item.state) return;
    const name = item.state.name;
    const again = name === "failed" || name === "waiting";
    const place = item.node.querySelector(".state");
    const had = place.contains(this.shadowRoot.activeElement);
    place.textContent = name === "failed" ? WORDS.failed + WORDS.colon + item.state.why : WORDS[name] || "";
    item.node.classList.toggle("failed", again);
    if (again) {
      place.appendChild(el("button", { type: "button", class: "retry", text: WORDS.retry, onclick: () => this.retry(item) }));
      this.scroll(item.node);
    }
    if (had) this.input.focus();
  }

  retry(item) {
    if (this.outbox.queue.some((entry) => entry.item === item)) this.outbox.again();
    else this.enqueue(item);
    this.input.focus();
  }

  connection() {
    const offline = navigator.onLine === false;
    this.banner.hidden = !offline;
    this.announce(offline ? WORDS.offline : WORDS.online);
    if (!offline) this.back();
  }
}
