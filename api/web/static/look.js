/** The size of letters that the resident chose in the chat, for the pages around it. */
(() => {
  const key = "lvxiaoyu:" + new URL("../", document.currentScript.src).href;
  const show = (size) => {
    document.documentElement.dataset.size = size || "normal";
  };
  const look = () => {
    try {
      show((JSON.parse(window.localStorage.getItem(key) || "{}") || {}).size);
    } catch (error) {
      show(); // storage is forbidden, or holds what is not ours: the page stays as it is
    }
  };
  window.addEventListener("storage", look);
  window.addEventListener("pageshow", look);
  window.addEventListener("lvxiaoyu-look", (event) => show(event.detail.size));
  look();
})();
