function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name]));
}

/** Fetches the words of another language; where that fails, the Chinese ones stay. */
async function learn(lang) {
  if (WORDINGS[lang]) return;
  try {
    const response = await window.fetch(new URL("words." + lang + ".json", HERE).href, { credentials: "omit" });
    if (response.ok) WORDINGS[lang] = await response.json();
  } catch (error) {
    /* The surface is Chinese until the next time. */
  }
}

function day(iso) {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso || "");
  return found ? fill(WORDS.day, { y: found[1], m: Number(found[2]), d: Number(found[3]) }) : "";
}

/** An id that nobody guesses: 32 hexadecimal digits. */
function newId() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
}
