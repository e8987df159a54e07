function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name]));
}

function day(iso) {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso || "");
  return found ? Number(found[1]) + "年" + Number(found[2]) + "月" + Number(found[3]) + "日" : "";
}
