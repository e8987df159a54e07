/** The conversation's id and token; kept in this page alone where storage is forbidden. */
class Memory {
  constructor() {
    this.key = "lvxiaoyu:" + BASE.href;
    this.kept = {};
    try {
      const kept = JSON.parse(window.localStorage.getItem(this.key) || "{}");
      if (kept && typeof kept.id === "string") this.kept = kept;
    } catch (error) {
      this.kept = {};
    }
  }
  get id() {
    return this.kept.id || null;
  }
  get token() {
    return this.kept.token || null;
  }
  keep(id, token) {
    this.kept = { id: id, token: token || (this.kept.id === id ? this.kept.token : null) };
    this.write();
  }
  forget() {
    this.kept = {};
    this.write();
  }
  write() {
    try {
      if (this.kept.id) window.localStorage.setItem(this.key, JSON.stringify(this.kept));
      else window.localStorage.removeItem(this.key);
    } catch (error) {
      /* Storage forbidden or full: the conversation lasts as long as the page. */
    }
  }
}
