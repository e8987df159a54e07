/** One message as residents see it, without the chat around it: `card.reply = {…}` shows another. */
class LvxiaoyuCard extends HTMLElement {
  set reply(value) {
    this.shown = value;
    this.draw();
  }

  get reply() {
    return this.shown || null;
  }

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const style = el("link", { rel: "stylesheet", href: new URL("widget.css", HERE).href });
    this.shell = el("div", { class: "shell preview", hidden: true, "data-theme": themeOf("auto") });
    const show = () => {
      this.shell.hidden = false;
    };
    style.addEventListener("load", show);
    style.addEventListener("error", show);
    root.appendChild(style);
    root.appendChild(this.shell);
    this.draw();
  }

  draw() {
    if (!this.shell) return;
    this.shell.textContent = "";
    if (this.shown) this.shell.appendChild(replyNode(this.shown, false, () => null));
  }
}

if (!window.customElements.get("lvxiaoyu-card")) window.customElements.define("lvxiaoyu-card", LvxiaoyuCard);
