/** The messages and the part of them that stands in the document: `log` never holds more than a screenful of
 * pages, however long the conversation is. An item is `{ make, node }`; its node is made when it is first shown. */
class Transcript {
  constructor(log) {
    this.items = [];
    this.from = 0;
    this.to = 0;
    this.typingAfter = null;
    const button = (words, go) => el("button", { type: "button", class: "plain page", text: words, onclick: go });
    this.before = button(WORDS.showEarlier, () => this.earlier());
    this.behind = button(WORDS.showLatest, () => this.latest());
    this.settle(log);
  }

  settle(log) {
    this.log = log;
    log.appendChild(this.before);
    log.appendChild(this.behind);
    this.draw();
  }

  clear() {
    this.items = [];
    this.from = this.to = 0;
    this.typingAfter = null;
    this.draw();
  }

  /** Inserts `items` at `at`. What stands at the end stays in sight at the end; the window moves with it. */
  insert(at, items) {
    const atEnd = this.to === this.items.length;
    this.items.splice.apply(this.items, [at, 0].concat(items));
    if (at < this.from) this.from += items.length;
    if (at < this.to || (atEnd && at === this.to)) this.to += items.length;
    if (atEnd) this.to = this.items.length;
    this.from = Math.max(this.from, this.to - SHOWN_MESSAGES);
    this.draw();
  }

  /** Shows the end, with `items` added to it. */
  latestWindow(items) {
    this.items = this.items.concat(items || []);
    this.to = this.items.length;
    this.from = Math.max(0, this.to - SHOWN_MESSAGES);
    this.draw();
  }

  append(items) {
    this.insert(this.items.length, items);
  }

  after(item, items) {
    this.insert(this.items.indexOf(item) + 1, items);
  }

  find(match) {
    return this.items.find(match);
  }

  earlier() {
    const first = this.items[this.from].node;
    const top = first.getBoundingClientRect().top;
    this.from = Math.max(0, this.from - EARLIER_MESSAGES);
    this.to = Math.min(this.to, this.from + SHOWN_MESSAGES);
    this.draw();
    this.log.scrollTop += first.getBoundingClientRect().top - top;
    this.log.focus({ preventScroll: true });
  }

  latest() {
    this.latestWindow();
    this.log.scrollTop = this.log.scrollHeight;
    this.log.focus({ preventScroll: true });
  }

  draw() {
    const wanted = [];
    this.items.slice(this.from, this.to).forEach((item) => {
      item.node = item.node || item.make(item);
      wanted.push(item.node);
      if (item === this.typingAfter) wanted.push(this.typing);
    });
    const shown = new Set(wanted);
    Array.from(this.log.children).forEach((node) => {
      if (node === this.before || node === this.behind || shown.has(node)) return;
      if (node.contains(node.getRootNode().activeElement)) this.log.focus({ preventScroll: true });
      node.remove();
    });
    let next = this.before.nextSibling;
    wanted.forEach((node) => {
      if (node === next) next = next.nextSibling;
      else this.log.insertBefore(node, next);
    });
    this.before.hidden = this.from === 0;
    this.behind.hidden = this.to === this.items.length;
  }

  /** Shows that an answer to `item` is being made; null: none is. */
  wait(item) {
    this.typingAfter = item;
    this.draw();
  }
}
