/** `status` 0: the service was not reached, and the message may go again by itself. */
class Failure extends Error {
  constructor(words, status) {
    super(words);
    this.status = status || 0;
  }
}

class Client {
  constructor(memory) {
    this.memory = memory;
  }

  /** Sends one message of the conversation that memory holds, or of a new one; `id` makes it once. */
  async say(id, message) {
    const body = { message: message, client_id: id };
    if (this.memory.id) body.conversation_id = this.memory.id;
    const reply = await this.post("chat", body);
    if (!reply || !Array.isArray(reply.messages)) throw new Failure(WORDS.server, 500);
    return reply;
  }

  /** The messages so far; null where there is no conversation (any more). */
  async history() {
    if (!this.memory.id || !this.memory.token) return null;
    try {
      return await this.own("", {});
    } catch (failure) {
      if ([401, 403, 404, 410, 422].indexOf(failure.status) < 0) throw failure;
      this.memory.forget();
      return null;
    }
  }

  export() {
    return this.own("/export", {});
  }

  erase() {
    return this.own("", { method: "DELETE" });
  }

  suggestions(typed) {
    return this.ask("suggestions?q=" + encodeURIComponent(typed), {});
  }

  clause(id) {
    return this.ask("clauses?id=" + encodeURIComponent(id), {});
  }

  judge(id, opinion) {
    return this.post("feedback", Object.assign({ message_id: id }, opinion));
  }

  /** Says which campaign messages are before the resident's eyes; a failure is no matter. */
  opened(ids) {
    return this.own("/notices/opened", this.json({ ids: ids }));
  }

  answerQuiz(id, option) {
    return this.own("/notices/" + id + "/quiz", this.json({ option: option }));
  }

  takePledge(id) {
    return this.own("/notices/" + id + "/pledge", this.json({}));
  }

  json(body) {
    return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  }

  post(path, body) {
    return this.ask(path, this.json(body));
  }

  /** Asks about the conversation that memory holds, with its token. */
  own(path, options) {
    const headers = Object.assign({ Authorization: "Bearer " + this.memory.token }, options.headers);
    const whole = Object.assign({}, options, { headers: headers });
    return this.ask("conversations/" + encodeURIComponent(this.memory.id) + path, whole);
  }

  async ask(path, options) {
    const stop = new AbortController();
    const timer = window.setTimeout(() => stop.abort(), REQUEST_LIMIT_MS);
    try {
      const request = Object.assign({ credentials: "omit", signal: stop.signal }, options);
      const response = await window.fetch(new URL("api/v1/" + path, BASE).href, request);
      if (!response.ok) throw this.failure(response);
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (error.name === "AbortError") throw new Failure(WORDS.timeout);
      throw error instanceof SyntaxError ? new Failure(WORDS.server, 500) : new Failure(WORDS.network);
    } finally {
      window.clearTimeout(timer);
    }
  }

  failure(response) {
    const wait = Number(response.headers.get("Retry-After"));
    if (response.status === 429) return new Failure(wait > 0 ? fill(WORDS.busyFor, { n: wait }) : WORDS.busy, 429);
    return new Failure(response.status < 500 ? WORDS.refused : WORDS.server, response.status);
  }
}
