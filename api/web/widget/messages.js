function badge(kind, text) {
  return text ? el("span", { class: "badge " + kind, text: text }) : null;
}

function sourceList(sources) {
  const items = (sources || []).map((source) => {
    const anchor = link(source.url, {}, [el("span", { text: source.title }), hiddenText(WORDS.newTabPlain)]);
    return anchor && el("li", {}, [anchor, el("span", { class: "muted", text: " " + (source.publisher || "") })]);
  });
  if (!items.some(Boolean)) return null;
  return el("div", { class: "sources" }, [el("p", { class: "muted", text: WORDS.sources }), el("ul", {}, items)]);
}

function issuers(names) {
  return names.length > 2 ? fill(WORDS.issuers, { first: names[0], n: names.length }) : names.join("、");
}

/** A citation: where it stands in sight, its words folded below unless `unfolded`. */
function citationCard(citation, force, act, unfolded) {
  const ours = citation.source_kind === "programme";
  const label = ours ? citation.document_title : citation.clause_label;
  const checked = citation.checked_on ? WORDS.checkedOn + day(citation.checked_on) : "";
  const facts = [issuers(citation.issuers || []), day(citation.issued_on)];
  const read = act && act.read && (() => act.read(citation));
  return el("section", { class: "card" + (ours ? " programme" : ""), "aria-label": WORDS.evidence + label }, [
    el("p", { class: "card-label", text: label, lang: SPEECH_LANG }),
    el("p", { class: "card-title", lang: SPEECH_LANG }, [
      ours ? null : el("span", { class: "piece", text: citation.document_title }),
      citation.document_number ? el("span", { class: "piece number", text: citation.document_number }) : null,
    ]),
    ours ? el("p", { class: "card-note", text: [WORDS.programme, checked].filter(Boolean).join(WORDS.stop) }) : null,
    el("details", { class: "words", open: unfolded }, [
      el("summary", { text: ours ? WORDS.foldedOurs : WORDS.folded }),
      el("blockquote", { text: citation.quote, lang: SPEECH_LANG }),
      el("p", { class: "muted" }, facts.map((fact) => (fact ? el("span", { class: "piece", text: fact }) : null))),
      sourceList(citation.sources),
    ]),
    el("div", { class: "card-foot" }, [
      el("span", { class: "badges" }, [
        badge("status-" + String(citation.status).replace(/\W/g, ""), WORDS.status[citation.status]),
        badge("force", WORDS.force[force]),
      ]),
      read && address(citation.url)
        ? el("button", { type: "button", class: "open", onclick: read, "aria-haspopup": "dialog" }, [
            el("span", { text: ours ? WORDS.explained : WORDS.original }),
            icon("book"),
          ])
        : link(citation.url, { class: "open" }, [
            el("span", { text: ours ? WORDS.explained : WORDS.original }),
            hiddenText(ours ? WORDS.newTabPlain : WORDS.newTab),
            icon("open"),
          ]),
    ]),
  ]);
}

function citationCards(citations, force, act, unfolded) {
  const cards = citations.map((citation, i) => citationCard(citation, i ? null : force, act, unfolded && !i));
  if (cards.length <= SHOWN_CITATIONS) return cards;
  const more = el("details", { class: "more" }, [
    el("summary", { text: fill(WORDS.moreCitations, { n: cards.length - 1 }) }),
  ]);
  cards.slice(1).forEach((card) => more.appendChild(card));
  return [cards[0], more];
}

/** Further reading: in sight where there is no answer, folded away beneath one. */
function relatedList(related, folded) {
  if (!related.length) return null;
  const items = related.map((citation) => {
    const ours = citation.source_kind === "programme";
    const words = [
      el("span", { class: "related-label", text: citation.clause_label, lang: SPEECH_LANG }),
      el("span", { class: "related-title", text: ours ? WORDS.programme : citation.document_title }),
      el("span", { class: "related-quote", text: citation.quote }),
      hiddenText(WORDS.newTabPlain),
    ];
    return el("li", {}, [link(citation.url, {}, words) || el("div", {}, words)]);
  });
  const list = el("ul", {}, items);
  if (folded) return el("details", { class: "related" }, [el("summary", { text: WORDS.related }), list]);
  const title = el("p", { class: "aside-title", text: WORDS.related });
  return el("section", { class: "related", "aria-label": WORDS.related }, [title, list]);
}

function contactList(contacts) {
  if (!contacts.length) return null;
  const items = contacts.map((contact) => {
    const dial = String(contact.phone).replace(/[^\d+*#,]/g, "");
    const call = { class: "call", href: "tel:" + dial, "aria-label": fill(WORDS.call, contact) };
    return el("li", {}, [
      el("a", call, [icon("phone"), el("span", { text: contact.phone })]),
      el("span", { class: "contact-name", text: contact.name }),
      contact.hours ? el("span", { class: "muted", text: contact.hours }) : null,
      contact.checked_on ? el("span", { class: "muted", text: WORDS.checkedOn + day(contact.checked_on) }) : null,
    ]);
  });
  return el("section", { class: "contacts", "aria-label": WORDS.contacts }, [
    el("p", { class: "aside-title", text: WORDS.contacts }),
    el("ul", {}, items),
  ]);
}

function choices(suggestions, name, choose) {
  if (!suggestions.length) return null;
  const buttons = suggestions.map((suggestion) =>
    el("button", { type: "button", class: "choice", text: suggestion.label, onclick: () => choose(suggestion.message) })
  );
  return el("div", { class: "choices", role: "group", "aria-label": name }, buttons);
}

function lead(citation) {
  return citation.source_kind === "programme" ? WORDS.leadProgramme : WORDS.lead;
}

/** What the bubble says: `text` is complete in itself, so beside a card with the quote less is enough. */
function spoken(reply) {
  const first = (reply.citations || [])[0];
  if (reply.kind !== "answer" || !first) return reply.plain || reply.text;
  if (["in_force", "unstated"].indexOf(first.status) < 0) return reply.text;
  return reply.plain || lead(first);
}

/** One message of the assistant; `act` does what a campaign message offers to do. */
function replyNode(reply, degraded, choose, act) {
  if (reply.campaign) return campaignNode(reply, choose, act);
  const citations = reply.citations || [];
  const clarify = reply.kind === "clarify";
  const caveat = reply.kind === "answer" && WORDS.caveat[reply.force];
  const words = spoken(reply);
  const parts = [el("p", { class: "bubble", text: words, lang: SPEECH_LANG })]
    .concat(citationCards(citations, reply.force, act, citations.length > 0 && words === lead(citations[0])))
    .concat([
      caveat ? el("p", { class: "hint", text: caveat }) : null,
      contactList(reply.contacts || []),
      relatedList(reply.related || [], reply.kind === "answer"),
      choices(reply.suggestions || [], clarify ? WORDS.choices : WORDS.suggestions, choose),
      degraded ? el("p", { class: "hint", text: WORDS.degraded }) : null,
      toolRow(reply, act),
    ]);
  const kind = " kind-" + String(reply.kind).replace(/\W/g, "");
  return el("article", { class: "message theirs" + kind, "aria-label": WORDS.reply }, [
    el("span", { class: "avatar", "aria-hidden": "true" }, [icon("leaf")]),
    el("div", { class: "parts" }, parts),
  ]);
}

function questionNode(text) {
  return el("article", { class: "message mine" }, [
    el("p", { class: "bubble" }, [hiddenText(WORDS.you), el("span", { text: text })]),
    el("p", { class: "state" }),
  ]);
}
