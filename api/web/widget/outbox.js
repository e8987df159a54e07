/** What is to be sent, in order. `send` says what became of an entry: "sent", "refused" (never again), "failed"
 * (again if the resident wants) or "unreached" (again by itself). Kept in memory until it is sent or refused. */
class Outbox {
  constructor(memory, send) {
    this.memory = memory;
    this.send = send;
    this.queue = [];
    this.round = 0;
    this.wait = AGAIN_MS;
    this.ready = null;
  }

  add(entry) {
    this.memory.post({ id: entry.id, text: entry.text });
    if (this.queue.indexOf(entry) < 0) this.queue.push(entry);
    this.run();
  }

  /** Lets go of everything: what is still under way belongs to a conversation that is over. */
  clear() {
    this.round += 1;
    this.queue = [];
    this.running = false;
    window.clearTimeout(this.timer);
  }

  /** The service may be there again. */
  again() {
    this.wait = AGAIN_MS;
    this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    window.clearTimeout(this.timer);
    const round = this.round;
    await this.ready;
    while (round === this.round && this.queue.length) {
      const entry = this.queue[0];
      const outcome = await this.send(entry);
      if (round !== this.round) return;
      if (outcome === "unreached") {
        this.timer = window.setTimeout(() => this.run(), this.wait);
        this.wait = Math.min(this.wait * 2, AGAIN_MOST_MS);
        break;
      }
      this.wait = AGAIN_MS;
      this.queue.shift();
      if (outcome !== "failed") this.memory.unpost(entry.id);
    }
    if (round === this.round) this.running = false;
  }
}
