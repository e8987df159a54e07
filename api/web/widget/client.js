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

  /** Sends one message of the conversation that memory holds, or of a new one. */
  async say(message) {
    const body = { message: message };
    if (this.memory.id) body.conversation_id = this.memory.id;
    const reply = await this.ask("chat", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!reply || !Array.isArray(reply.messages)) throw new Failure(WORDS.server);
    return reply;
  }

  /** The messages so far; null where there is no conversation (any more). */
  async history() {
    if (!this.memory.id || !this.memory.token) return null;
    try {
      return await this.ask("conversations/" + encodeURIComponent(this.memory.id), {
        headers: { Authorization: "Bearer " + this.memory.token },
      });
    } catch (failure) {
      if ([401, 403, 404, 410, 422].indexOf(failure.status) < 0) throw failure;
      this.memory.forget();
      return null;
    }
  }

  /** Says which campaign messages are before the resident's eyes; a failure is no matter. */
  async opened(ids) {
    await this.act("opened", { ids: ids });
  }

  answerQuiz(id, option) {
    return this.act(id + "/quiz", { option: option });
  }

  takePledge(id) {
    return this.act(id + "/pledge", {});
  }

  act(path, body) {
    const headers = { "Content-Type": "application/json", Authorization: "Bearer " + this.memory.token };
    const request = { method: "POST", headers: headers, body: JSON.stringify(body) };
    return this.ask("conversations/" + encodeURIComponent(this.memory.id) + "/notices/" + path, request);
  }

  async ask(path, options) {
    const stop = new AbortController();
    const timer = window.setTimeout(() => stop.abort(), REQUEST_LIMIT_MS);
    try {
      const request = Object.assign({ credentials: "omit", signal: stop.signal }, options);
      const response = await window.fetch(new URL("api/v1/" + path, BASE), request);
      if (!response.ok) throw this.failure(response);
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (error.name === "AbortError") throw new Failure(WORDS.timeout);
      throw new Failure(error instanceof SyntaxError ? WORDS.server : WORDS.network);
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
