/** A site's own colour, moved towards black or white until words on it and words in it are readable. */
function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

function luminance(rgb) {
  const linear = rgb.map((value) => (value <= 10.31 ? value / 3294.6 : Math.pow((value / 255 + 0.055) / 1.055, 2.4)));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(one, other) {
  const lights = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lights[0] + 0.05) / (lights[1] + 0.05);
}

/** The colour as it is, or the nearest to it that keeps 4.5:1 on every one of `grounds`. */
function readable(colour, grounds) {
  let rgb = channels(colour);
  const towards = luminance(channels(grounds[0])) > 0.4 ? 0 : 255;
  for (let i = 0; i < 40 && grounds.some((ground) => contrast(rgb, channels(ground)) < 4.6); i += 1) {
    rgb = rgb.map((value) => Math.round(value + (towards - value) * 0.08));
  }
  return "#" + rgb.map((value) => ("0" + value.toString(16)).slice(-2)).join("");
}

const GROUNDS = { light: ["#ffffff", "#f3f7f4"], dark: ["#16221c", "#0e1713"] };

function paint(shell, colour, theme) {
  ["--green", "--quote", "--mine", "--on-green", "--on-mine"].forEach((name) => shell.style.removeProperty(name));
  if (!GROUNDS[theme] || !/^#[0-9a-f]{6}$/i.test(colour || "")) return;
  const main = readable(colour, GROUNDS[theme]);
  const on = contrast(channels(main), [255, 255, 255]) >= 4.5 ? "#ffffff" : "#000000";
  const values = { "--green": main, "--quote": main, "--mine": main, "--on-green": on, "--on-mine": on };
  Object.keys(values).forEach((name) => shell.style.setProperty(name, values[name]));
}

/** The theme to show: `wanted`, or what the system has. */
function themeOf(wanted) {
  if (["light", "dark", "contrast"].indexOf(wanted) >= 0) return wanted;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
