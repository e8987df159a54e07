const TAG = "lvxiaoyu-chat";
const SCRIPT = document.currentScript;
const HERE = new URL(SCRIPT && SCRIPT.src ? SCRIPT.src : "/static/widget.js", document.baseURI);
const BASE = new URL("../", HERE);
const MESSAGE_LIMIT = 1000;
const COUNTER_FROM = 900;
const REQUEST_LIMIT_MS = 30000;
const SHOWN_CITATIONS = 2;
