/** The cited clause beside the chat, its words marked; over it where there is no room. */
class Reader {
  constructor(client, closed) {
    this.client = client;
    this.heading = el("h2", { tabindex: "-1", lang: SPEECH_LANG });
    this.body = el("div", { class: "reader-body", tabindex: "0", role: "document", "aria-label": WORDS.original });
    const close = el("button", { type: "button", class: "bar-button", "aria-label": WORDS.closeReader, title: WORDS.closeReader, onclick: closed }, [icon("close")]);
    this.node = el("section", { class: "side reader", role: "dialog", "aria-label": WORDS.readerName, hidden: true }, [
      el("header", { class: "side-bar" }, [this.heading, close]),
      this.body,
    ]);
  }

  async show(citation) {
    const ours = citation.source_kind === "programme";
    this.citation = citation;
    this.heading.textContent = ours ? citation.document_title : citation.clause_label;
    this.body.textContent = "";
    this.body.appendChild(el("p", { class: "muted", text: WORDS.loading }));
    let clause = null;
    try {
      clause = await this.client.clause(citation.clause_id);
    } catch (failure) {
      clause = null;
    }
    if (this.citation !== citation) return;
    const facts = [citation.document_number, issuers(citation.issuers || []), day(citation.issued_on)].filter(Boolean);
    const text = this.marked(clause, citation);
    this.body.textContent = "";
    [
      ours ? null : el("p", { class: "card-title", text: citation.document_title, lang: SPEECH_LANG }),
      el("p", { class: "muted" }, facts.map((fact) => el("span", { class: "piece", text: fact }))),
      ours ? el("p", { class: "card-note", text: WORDS.programme }) : null,
      clause ? null : el("p", { class: "hint", text: WORDS.readerFailed }),
      text,
      link(citation.url, { class: "open" }, [
        el("span", { text: WORDS.whole }),
        hiddenText(ours ? WORDS.newTabPlain : WORDS.newTab),
        icon("open"),
      ]),
    ].forEach((node) => node && this.body.appendChild(node));
    const mark = text.querySelector("mark");
    if (mark) this.body.scrollTop = mark.offsetTop - this.body.offsetTop - this.body.clientHeight / 3;
  }

  /** Offsets count code points. Where they don't lead to the quote any more, the quote alone is shown. */
  marked(clause, citation) {
    const letters = Array.from(clause ? clause.text : "");
    const part = (from, to) => letters.slice(from, to).join("");
    const fits = part(citation.start, citation.end) === citation.quote;
    return el("p", { class: "clause-text", lang: SPEECH_LANG }, [
      el("span", { text: fits ? part(0, citation.start) : "" }),
      el("mark", { text: citation.quote }),
      el("span", { text: fits ? part(citation.end) : "" }),
    ]);
  }
}
