/** Campaign messages as they come, while the page is in sight: a hidden page would hold a connection for nothing. */
class NoticeStream {
  constructor(memory, show) {
    this.memory = memory;
    this.show = show;
    this.wait = AGAIN_MS;
    this.onVisibility = () => (document.visibilityState === "hidden" ? this.pause() : this.start());
  }

  open() {
    document.addEventListener("visibilitychange", this.onVisibility);
    this.start();
  }

  close() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.pause();
  }

  pause() {
    window.clearTimeout(this.timer);
    if (this.stop) this.stop.abort();
    this.stop = null;
  }

  /** Does nothing where it runs already, or where there is no conversation whose messages could come. */
  start() {
    if (this.stop || !this.memory.id || !this.memory.token || document.visibilityState === "hidden") return;
    this.stop = new AbortController();
    this.run(this.stop);
  }

  async run(stop) {
    let again = true;
    try {
      again = await this.listen(stop.signal);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.wait = Math.min(this.wait * 2, AGAIN_MOST_MS);
    }
    if (this.stop !== stop) return;
    this.stop = null;
    if (again) this.timer = window.setTimeout(() => this.start(), this.wait);
  }

  /** Whether it is worth asking again. */
  async listen(signal) {
    const path = "api/v1/conversations/" + encodeURIComponent(this.memory.id) + "/notices/stream";
    const headers = { Authorization: "Bearer " + this.memory.token };
    const response = await window.fetch(new URL(path, BASE).href, { headers: headers, credentials: "omit", signal: signal });
    if (response.status === 401 || response.status === 404) return false;
    if (!response.ok || !response.body) {
      this.wait = AGAIN_MOST_MS;
      return true;
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const chunk = await reader.read();
      if (chunk.done) return true;
      text += decoder.decode(chunk.value, { stream: true });
      const events = text.split("\n\n");
      text = events.pop();
      events.forEach((event) => this.take(event));
    }
  }

  take(event) {
    const field = (name) => (new RegExp("^" + name + ": ?(.*)$", "m").exec(event) || [])[1];
    if (Number(field("retry")) > 0) this.wait = Number(field("retry"));
    if (field("event") === "notice" && field("data")) this.show(JSON.parse(field("data")));
  }
}
