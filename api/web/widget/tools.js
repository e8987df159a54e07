function toolButton(name, words, onclick) {
  return el("button", { type: "button", class: "tool", onclick: onclick }, [icon(name), el("span", { text: words })]);
}

/** What a shared or copied answer says: the words, and where they come from. */
function sharedText(reply) {
  const links = (reply.citations || []).map((citation) => address(citation.url)).filter(Boolean);
  return [reply.text].concat(links.slice(0, 1), [WORDS.sharedFrom]).join("\n");
}

async function share(reply, say) {
  const text = sharedText(reply);
  try {
    if (navigator.share) {
      await navigator.share({ text: text });
      return;
    }
    await navigator.clipboard.writeText(text);
    say(WORDS.copied);
  } catch (error) {
    if (error.name !== "AbortError") say(copied(text) ? WORDS.copied : WORDS.copyFailed);
  }
}

/** The old way, for browsers whose clipboard is closed to pages without TLS. */
function copied(text) {
  const area = el("textarea", { readonly: true, class: "visually-hidden" });
  const focused = document.activeElement;
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.appendChild(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused && focused.focus) focused.focus({ preventScroll: true });
  return done;
}

/** Prints one message alone: the page that embeds the widget is none of its business. */
function printNode(node, root) {
  const frame = el("iframe", { class: "visually-hidden", title: WORDS.print, "aria-hidden": "true", tabindex: "-1" });
  root.appendChild(frame);
  const page = frame.contentDocument;
  const style = page.createElement("link");
  const copy = page.importNode(node, true);
  copy.querySelectorAll("details").forEach((details) => details.setAttribute("open", ""));
  page.title = WORDS.name;
  page.documentElement.lang = SPEECH_LANG;
  const shell = page.createElement("div");
  shell.className = "shell printed";
  shell.dataset.theme = "light";
  shell.appendChild(copy);
  style.rel = "stylesheet";
  style.href = new URL("widget.css", HERE).href;
  style.onload = style.onerror = () => {
    frame.contentWindow.onafterprint = () => frame.remove();
    frame.contentWindow.focus();
    frame.contentWindow.print();
  };
  page.body.appendChild(shell);
  page.head.appendChild(style);
}

/** Whether it helped, and if not, why: codes of the service's own list. */
function judging(reply, act) {
  const thanks = el("p", { class: "hint", role: "status" });
  const reasons = el("div", { class: "reasons", hidden: true, role: "group", "aria-label": WORDS.why });
  const thumbs = [true, false].map((useful) => {
    const button = toolButton(useful ? "up" : "down", useful ? WORDS.useful : WORDS.useless, () => judge(useful));
    button.setAttribute("aria-pressed", String(reply.useful === useful));
    return button;
  });
  const tell = async (opinion, words) => {
    try {
      await act.judge(reply.id, opinion);
      thanks.textContent = words;
    } catch (failure) {
      thanks.textContent = failure.message;
    }
  };
  const judge = (useful) => {
    reply.useful = useful;
    thumbs.forEach((thumb, i) => thumb.setAttribute("aria-pressed", String(useful === !i)));
    reasons.hidden = useful;
    if (!useful && !reasons.firstChild) ask();
    if (!useful) reasons.scrollIntoView({ block: "nearest" });
    tell({ useful: useful }, useful ? WORDS.thanks : WORDS.whyAsked);
  };
  const ask = () => {
    const comment = el("input", { type: "text", maxlength: "300", "aria-label": WORDS.comment, placeholder: WORDS.comment, autocomplete: "off" });
    let chosen = null;
    const codes = Object.keys(WORDS.reasons).map((code) =>
      el("button", { type: "button", class: "choice", "aria-pressed": "false", text: WORDS.reasons[code], onclick: (event) => {
        chosen = code;
        codes.forEach((one) => one.setAttribute("aria-pressed", String(one === event.currentTarget)));
      } })
    );
    const send = el("form", { class: "comment" }, [comment, el("button", { type: "submit", class: "choice", text: WORDS.submit })]);
    send.addEventListener("submit", (event) => {
      event.preventDefault();
      const opinion = { useful: false };
      if (chosen) opinion.reason = chosen;
      if (comment.value.trim()) opinion.comment = comment.value.trim();
      tell(opinion, WORDS.thanks);
      thumbs[1].focus();
      reasons.hidden = true;
    });
    reasons.appendChild(el("p", { class: "aside-title", text: WORDS.why }));
    reasons.appendChild(el("div", { class: "choices" }, codes));
    reasons.appendChild(send);
  };
  return { thumbs: thumbs, rest: [reasons, thanks] };
}

/** What can be done with an answer: hear it, print it, pass it on, judge it. */
function toolRow(reply, act) {
  if (!act || !act.judge || !reply.id || ["answer", "abstain"].indexOf(reply.kind) < 0) return null;
  const opinion = judging(reply, act);
  const aloud = toolButton("sound", WORDS.readAloud, () => VOICE.read(reply.text, spoken));
  const spoken = (on) => {
    aloud.setAttribute("aria-pressed", String(on));
    aloud.lastChild.textContent = on ? WORDS.readStop : WORDS.readAloud;
  };
  const print = toolButton("print", WORDS.print, (event) => act.print(event.currentTarget.closest(".message")));
  const row = el("div", { class: "tools" }, [
    VOICE.can ? aloud : null,
    typeof window.print === "function" ? print : null,
    toolButton("share", WORDS.share, () => share(reply, act.announce)),
    el("span", { class: "thumbs", role: "group", "aria-label": WORDS.helped }, opinion.thumbs),
  ]);
  return el("div", { class: "after" }, [row].concat(opinion.rest));
}
