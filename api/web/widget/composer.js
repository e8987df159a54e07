/** Where a message is written: counted, spoken, helped along with published questions. */
class Composer {
  constructor(chat) {
    this.chat = chat;
    this.input = el("textarea", {
      rows: "1", "aria-label": WORDS.input, placeholder: WORDS.placeholder, enterkeyhint: "send", autocomplete: "off",
      "aria-describedby": "counter", oninput: () => this.typed(), onkeydown: (event) => this.key(event),
    });
    this.counter = el("p", { class: "counter", id: "counter" });
    this.offers = el("div", { class: "offers", role: "group", "aria-label": WORDS.offers, hidden: true, onkeydown: (event) => this.offerKey(event) });
    const heard = (words) => {
      this.input.value = words;
      this.typed();
    };
    this.node = el("form", { class: "composer", novalidate: true }, [
      this.offers,
      this.input,
      microphone(heard, (words) => chat.announce(words)),
      el("button", { type: "submit", class: "send", "aria-label": WORDS.send, title: WORDS.send }, [icon("send")]),
      this.counter,
    ]);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // The host page's own shortcuts must not act on what is typed here.
    ["keydown", "keypress", "keyup"].forEach((name) => this.node.addEventListener(name, (e) => e.key !== "Escape" && e.stopPropagation()));
  }

  key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "ArrowUp" && !this.offers.hidden && this.input.value.indexOf("\n") < 0) {
      event.preventDefault();
      this.offers.lastChild.focus();
    }
    if (event.key === "Escape" && !this.offers.hidden && !composing) {
      event.stopPropagation();
      this.offer([]);
    }
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  offerKey(event) {
    const step = { ArrowUp: "previousSibling", ArrowDown: "nextSibling" }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      this.offer([]);
      this.input.focus();
    } else if (step) {
      event.preventDefault();
      (event.target[step] || this.input).focus();
    }
  }

  submit() {
    const text = this.input.value.trim();
    const over = Array.from(text).length > MESSAGE_LIMIT;
    if (over) this.chat.announce(WORDS.tooLong);
    this.input.focus();
    if (!text || over) return;
    this.input.value = "";
    this.typed();
    this.chat.say(text);
  }

  typed() {
    const count = Array.from(this.input.value.trim()).length;
    const over = count > MESSAGE_LIMIT;
    this.counter.textContent = over
      ? fill(WORDS.over, { n: count - MESSAGE_LIMIT }) + WORDS.comma + WORDS.tooLong
      : count >= COUNTER_FROM ? fill(WORDS.left, { n: MESSAGE_LIMIT - count }) : "";
    this.counter.classList.toggle("over", over);
    this.input.setAttribute("aria-invalid", String(over));
    this.input.style.height = "auto";
    this.input.style.height = Math.min(this.input.scrollHeight + 2, 160) + "px";
    window.clearTimeout(this.pause);
    if (count < 2 || count > 40) this.offer([]);
    else this.pause = window.setTimeout(() => this.suggest(this.input.value.trim()), TYPING_PAUSE_MS);
  }

  /** A help, not a need: where it fails or comes too late, nothing is shown. */
  async suggest(typed) {
    try {
      const found = await this.chat.client.suggestions(typed);
      if (this.input.value.trim() === typed) this.offer((found && found.suggestions) || []);
    } catch (failure) {
      this.offer([]);
    }
  }

  offer(found) {
    window.clearTimeout(this.pause);
    if (!found.length && this.offers.hidden) return;
    if (this.offers.contains(this.node.getRootNode().activeElement)) this.input.focus();
    this.offers.textContent = "";
    this.offers.hidden = !found.length;
    found.forEach((one) => {
      const take = () => {
        this.input.value = "";
        this.typed();
        this.input.focus();
        this.chat.say(one.message);
      };
      this.offers.appendChild(el("button", { type: "button", class: "offer", text: one.label, lang: SPEECH_LANG, onclick: take }));
    });
    if (found.length) this.chat.announce(fill(WORDS.offered, { n: found.length }));
  }
}
