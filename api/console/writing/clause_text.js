/* A clause whose words can be marked: with the mouse or a finger, or sentence by sentence with the keyboard.
 * Offsets count code points of the whole text, as everywhere in the project. Words are inserted as text only. */
export default {
  template: `
    <div ref="root" class="clause-text" role="group" :aria-label="label">
      <span v-for="piece in pieces" :key="piece.start" class="clause-piece" :class="{ 'clause-quoted': piece.quoted }"
            tabindex="0" :data-start="piece.start" @keydown.enter.prevent="take($event, piece)"
            @keydown.space.prevent="take($event, piece)">{{ piece.text }}</span>
    </div>`,
  props: { pieces: Array, label: String },
  mounted() {
    this.onSelection = () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.tell(), 120);
    };
    document.addEventListener("selectionchange", this.onSelection);
  },
  unmounted() {
    clearTimeout(this.waiting);
    document.removeEventListener("selectionchange", this.onSelection);
  },
  methods: {
    /** The marked words, or null where nothing of this clause is marked. */
    marked() {
      const selection = window.getSelection();
      if (!selection.rangeCount || selection.isCollapsed) return null;
      const range = selection.getRangeAt(0).cloneRange();
      const root = this.$refs.root;
      if (!range.intersectsNode(root)) return null;
      if (!root.contains(range.startContainer)) range.setStart(root, 0);
      if (!root.contains(range.endContainer)) range.setEnd(root, root.childNodes.length);
      const before = document.createRange();
      before.setStart(root, 0);
      before.setEnd(range.startContainer, range.startOffset);
      const text = range.toString();
      const start = Array.from(before.toString()).length;
      return text ? { start: start, end: start + Array.from(text).length, text: text } : null;
    },
    tell() {
      const marked = this.marked();
      if (marked) this.$emit("marked", marked);
    },
    /** Marks a whole sentence; with Shift, from the beginning of what is marked to its end. */
    take(event, piece) {
      const selection = window.getSelection();
      const node = event.currentTarget;
      const range = document.createRange();
      range.selectNodeContents(node);
      if (event.shiftKey && selection.rangeCount && this.$refs.root.contains(selection.anchorNode)) {
        range.setStart(selection.getRangeAt(0).startContainer, selection.getRangeAt(0).startOffset);
      }
      selection.removeAllRanges();
      selection.addRange(range);
      this.tell();
    },
  },
};
