/** Pictures from here are shown; any other is a link, since pages load nothing from elsewhere. */
function pictureNode(picture) {
  if (!picture) return null;
  if (picture.own) {
    const source = { src: address(picture.url), alt: picture.alternative, loading: "lazy", decoding: "async" };
    return el("figure", { class: "picture" }, [el("img", source)]);
  }
  const words = fill(WORDS.picture, { alternative: picture.alternative });
  return link(picture.url, { class: "open" }, [el("span", { text: words }), hiddenText(WORDS.newTabPlain), icon("open")]);
}

function linkList(links) {
  const items = links.map((one) => {
    const words = [el("span", { text: one.label }), hiddenText(WORDS.newTabPlain), icon("open")];
    const anchor = link(one.url, { class: "open" }, words);
    return anchor && el("li", {}, [anchor]);
  });
  return items.some(Boolean) ? el("ul", { class: "links", "aria-label": WORDS.links }, items) : null;
}

/** A question with its options; the one chosen first stays, and then the right one and the reason are shown. */
function quizNode(quiz, answer, act) {
  if (!quiz) return null;
  const outcome = el("div", { class: "quiz-outcome", role: "status" });
  const options = quiz.options.map((words, number) =>
    el("button", { type: "button", class: "choice", onclick: () => choose(number) }, [
      el("span", { text: words }),
      el("span", { class: "mark-of" }),
    ])
  );
  let settled = false;
  const settle = (result) => {
    settled = true;
    Object.assign(quiz, result);
    options.forEach((option, number) => {
      const right = number === result.right;
      const chosen = number === result.chosen;
      const words = [chosen ? WORDS.quizChosen : "", right ? WORDS.quizRight : ""].filter(Boolean).join(" · ");
      option.querySelector(".mark-of").textContent = words;
      option.setAttribute("aria-disabled", "true");
      option.classList.toggle("right", right);
      option.classList.toggle("wrong", chosen && !right);
    });
    outcome.textContent = "";
    outcome.appendChild(el("p", { text: result.message.text }));
    result.message.citations.forEach((citation) => outcome.appendChild(citationCard(citation, null, null, true)));
  };
  const choose = async (number) => {
    if (settled || !answer) return;
    settled = true;
    try {
      settle(await answer(number));
    } catch (failure) {
      settled = false;
      outcome.textContent = WORDS.quizFailed;
    }
  };
  if (quiz.chosen !== null) settle(quiz);
  return el("section", { class: "card quiz", "aria-label": WORDS.quiz }, [
    el("p", { class: "card-label", text: WORDS.quiz }),
    el("p", { text: quiz.question }),
    el("div", { class: "choices", role: "group", "aria-label": quiz.question }, options),
    outcome,
  ]);
}

function pledgeNode(pledge, take) {
  if (!pledge) return null;
  let taken = pledge.taken;
  const button = el("button", { type: "button", class: "choice" });
  const draw = () => {
    button.textContent = taken ? WORDS.taken : WORDS.takePledge;
    button.setAttribute("aria-pressed", String(taken));
    button.classList.toggle("right", taken);
  };
  button.addEventListener("click", async () => {
    if (taken || !take) return;
    taken = true;
    draw();
    try {
      await take();
      pledge.taken = true;
    } catch (failure) {
      taken = false;
      draw();
    }
  });
  draw();
  return el("section", { class: "card pledge", "aria-label": WORDS.pledge }, [
    el("p", { class: "card-label", text: WORDS.pledge }),
    el("p", { text: pledge.text }),
    el("div", { class: "choices" }, [button]),
  ]);
}

function basisNode(citations, act) {
  if (!citations.length) return null;
  const basis = el("details", { class: "more" }, [el("summary", { text: WORDS.basis })]);
  citations.forEach((citation) => basis.appendChild(citationCard(citation, null, act, true)));
  return basis;
}

/** A campaign's message. `act` sends what the resident does with it; without one it only shows, for previews. */
function campaignNode(notice, choose, act) {
  const campaign = notice.campaign;
  const optOut = el("button", { type: "button", class: "plain", text: WORDS.optOutWord, onclick: () => choose(WORDS.optOutWord) });
  const when = day(notice.created_at);
  const parts = [
    el("p", { class: "campaign-head" }, [
      el("span", { class: "badge", text: WORDS.campaign }),
      when ? el("span", { class: "muted", text: when }) : null,
    ]),
    pictureNode(campaign.picture),
    el("p", { class: "bubble", text: notice.text }),
    linkList(campaign.links || []),
    quizNode(campaign.quiz, act && ((option) => act.answerQuiz(notice.id, option)), act),
    pledgeNode(campaign.pledge, act && (() => act.takePledge(notice.id))),
    basisNode(notice.citations || [], act),
    choices(notice.suggestions || [], WORDS.suggestions, choose),
    el("p", { class: "hint" }, [el("span", { text: WORDS.optOut }), optOut]),
  ];
  return el("article", { class: "message theirs campaign", "aria-label": WORDS.campaign, "data-notice": notice.id }, [
    el("span", { class: "avatar", "aria-hidden": "true" }, [icon("leaf")]),
    el("div", { class: "parts" }, parts),
  ]);
}
