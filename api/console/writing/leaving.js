/* Warns before a page with unsaved words is left. The browser's own event fires before the server could know. */
export default {
  template: `<div ref="root"><slot></slot></div>`,
  data() {
    return { unsaved: false };
  },
  mounted() {
    this.onInput = () => (this.unsaved = true);
    this.onLeave = (event) => {
      if (!this.unsaved) return;
      event.preventDefault();
      event.returnValue = "";
    };
    this.$refs.root.addEventListener("input", this.onInput);
    window.addEventListener("beforeunload", this.onLeave);
  },
  unmounted() {
    window.removeEventListener("beforeunload", this.onLeave);
  },
  methods: {
    remember(unsaved) {
      this.unsaved = unsaved;
    },
  },
};
