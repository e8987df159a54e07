/** Reading aloud and listening, where the browser can; one voice at a time. */
const VOICE = {
  get can() {
    return "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;
  },

  /** `changed` is told true when it starts and false when it ends, however it ends. */
  read(text, changed) {
    const stopped = VOICE.stop();
    if (stopped === changed) return;
    const speech = new window.SpeechSynthesisUtterance(text);
    speech.lang = SPEECH_LANG;
    speech.rate = 0.95;
    speech.onend = speech.onerror = () => VOICE.now === changed && VOICE.stop();
    VOICE.now = changed;
    changed(true);
    window.speechSynthesis.speak(speech);
  },

  stop() {
    const now = VOICE.now;
    VOICE.now = null;
    if (VOICE.can) window.speechSynthesis.cancel();
    if (now) now(false);
    return now;
  },
};

const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

/** A button that writes what is said into the composer; null where the browser cannot listen. */
function microphone(heard, announce) {
  if (!Recognition) return null;
  let listening = null;
  const button = el("button", { type: "button", class: "mic", "aria-label": WORDS.listen, title: WORDS.listen, "aria-pressed": "false" }, [icon("mic")]);
  const stop = () => {
    listening = null;
    button.setAttribute("aria-pressed", "false");
  };
  button.addEventListener("click", () => {
    if (listening) {
      listening.stop();
      return;
    }
    VOICE.stop();
    listening = new Recognition();
    listening.lang = SPEECH_LANG;
    listening.interimResults = true;
    listening.onresult = (event) => heard(Array.from(event.results, (result) => result[0].transcript).join(""));
    listening.onend = stop;
    listening.onerror = (event) => {
      stop();
      announce(event.error === "not-allowed" ? WORDS.listenRefused : WORDS.listenFailed);
    };
    button.setAttribute("aria-pressed", "true");
    announce(WORDS.listening);
    try {
      listening.start();
    } catch (error) {
      stop();
      announce(WORDS.listenFailed);
    }
  });
  return button;
}
