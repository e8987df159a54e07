const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  leaf: "M20 4C11 3.6 4.5 7 4.5 14c0 1.7.5 3.2 1.4 4.3C8 14 11.4 11.2 15.5 9.7 11.7 12.4 8.9 15.9 7.2 20.8c-.3.8 1 1.2 1.3.4l.7-1.4c.9.3 1.8.4 2.7.4C19 20.2 20.6 12 20 4z",
  send: "M3.4 20.4 21 12 3.4 3.6 3.3 10l11 2-11 2z",
  close: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z",
  renew: "M12 5V2L7.5 6.5 12 11V7.2a5 5 0 1 1-5 5H4.8A7.2 7.2 0 1 0 12 5z",
  phone: "M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2c.3-.3.7-.4 1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1C10.6 21 3 13.4 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.3.2 2.5.6 3.6.1.3 0 .7-.2 1z",
  up: "M2 21h4V9H2zM22 10a2 2 0 0 0-2-2h-6.3l1-4.6v-.3c0-.4-.2-.8-.4-1.1L13.2 1 6.6 7.6C6.2 8 6 8.5 6 9v10a2 2 0 0 0 2 2h9c.8 0 1.5-.5 1.8-1.2l3-7c.1-.3.2-.5.2-.8z",
  down: "M22 3h-4v12h4zM2 14a2 2 0 0 0 2 2h6.3l-1 4.6v.3c0 .4.2.8.4 1.1L10.8 23l6.6-6.6c.4-.4.6-.9.6-1.4V5a2 2 0 0 0-2-2H7c-.8 0-1.5.5-1.8 1.2l-3 7c-.1.3-.2.5-.2.8z",
  sound: "M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4zM14 3.2v2.1a7 7 0 0 1 0 13.4v2.1a9 9 0 0 0 0-17.6z",
  print: "M18 3H6v4h12zm1 5H5a3 3 0 0 0-3 3v6h4v4h12v-4h4v-6a3 3 0 0 0-3-3zm-3 11H8v-5h8z",
  share: "M18 16a3 3 0 0 0-2 .8l-7.1-4.2a3 3 0 0 0 0-1.3L16 7.2A3 3 0 1 0 15 5c0 .2 0 .5.1.7L8 9.8a3 3 0 1 0 0 4.4l7.1 4.2a3 3 0 1 0 2.9-2.4z",
  mic: "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.9V21h2v-3.1a7 7 0 0 0 6-6.9z",
  tune: "M9.9 4H6.1L3 20h2.6l.8-4h4.2l.8 4H14zM6.9 13.5 8 7.5l1.1 6zM20 12h-2.6v-2.6h-1.8V12H13v1.8h2.6v2.6h1.8v-2.6H20z",
  book: "M12 5.5C10 4 7 3.5 3 4v14.5c4-.5 7 0 9 1.5 2-1.5 5-2 9-1.5V4c-4-.5-7 0-9 1.5zM11 17.4c-1.800-.8-3.800-1.1-6-1V5.900c2.5-.1 4.5.3 6 1.300zm8-1c-2.200-.1-4.200.2-6 1V7.200c1.5-1 3.5-1.4 6-1.300z",
  open: "M14 4v2h2.6l-8.3 8.3 1.4 1.4L18 7.4V10h2V4zM18 18H6V6h5V4H6a2 2 0 0 0-2 2v12c0 1.1.9 2 2 2h12a2 2 0 0 0 2-2v-5h-2z",
};

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.appendChild(path);
  return svg;
}

/** An element: `text` becomes its text, `onNAME` a listener, anything else an attribute. */
function el(tag, props, children) {
  const node = document.createElement(tag);
  Object.keys(props || {}).forEach((name) => {
    const value = props[name];
    if (value === null || value === undefined || value === false) return;
    if (name === "text") node.textContent = value;
    else if (name.slice(0, 2) === "on") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  });
  (children || []).forEach((child) => child && node.appendChild(child));
  return node;
}

function hiddenText(text) {
  return el("span", { class: "visually-hidden", text: text });
}

/** An address a person may open, or null: relative ones belong to the service, others must be http(s). */
function address(url) {
  try {
    const whole = new URL(String(url).replace(/^\/(?!\/)/, ""), BASE);
    return whole.protocol === "https:" || whole.protocol === "http:" ? whole.href : null;
  } catch (error) {
    return null;
  }
}

function link(url, props, children) {
  const href = address(url);
  if (!href) return null;
  return el("a", Object.assign({ href: href, target: "_blank", rel: "noopener noreferrer" }, props), children);
}
