/** What this browser keeps: the conversation, what is not sent yet, how the resident wants it shown.
 * Read anew each time, since another tab may have changed it; kept in this page alone where storage is forbidden. */
class Memory {
  constructor() {
    this.key = "lvxiaoyu:" + BASE.href;
    this.here = {};
    this.stored = true;
    this.keep({});
  }
  all() {
    if (!this.stored) return this.here;
    try {
      const kept = JSON.parse(window.localStorage.getItem(this.key) || "{}");
      return kept && typeof kept === "object" ? kept : {};
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.stored = false;
      return this.here;
    }
  }
  get id() {
    const id = this.all().id;
    return typeof id === "string" ? id : null;
  }
  get token() {
    return this.all().token || null;
  }
  get outbox() {
    const outbox = this.all().outbox;
    return Array.isArray(outbox) ? outbox.filter((entry) => entry && entry.id && entry.text) : [];
  }
  /** Undefined values are forgotten. */
  keep(changes) {
    this.here = Object.assign({}, this.all(), changes);
    if (!this.stored) return;
    try {
      window.localStorage.setItem(this.key, JSON.stringify(this.here));
    } catch (error) {
      this.stored = false;
    }
  }
  hold(id, token) {
    const kept = this.all();
    this.keep({ id: id, token: token || (kept.id === id ? kept.token : undefined) });
  }
  forget() {
    this.keep({ id: undefined, token: undefined, outbox: undefined });
  }
  post(entry) {
    this.keep({ outbox: this.outbox.filter((one) => one.id !== entry.id).concat([entry]) });
  }
  unpost(id) {
    const left = this.outbox.filter((entry) => entry.id !== id);
    this.keep({ outbox: left.length ? left : undefined });
  }
}
