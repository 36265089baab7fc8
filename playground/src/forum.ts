/** A forum: its posts, newest first, and the form for a new one. */
import { fill, h } from "./dom";
import type { Page } from "./page";
import { written } from "./naming";
import { spoken } from "./times";
import type { Channel } from "./types";

const LONGEST_TITLE = 100;
const LONGEST_TEXT = 2000;
/** What a page shows at once; older posts follow at the press of a button. */
const STEP = 50;

export class Forum {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "posts" });
  private readonly title = h("input", { type: "text", id: "post-title", maxlength: LONGEST_TITLE, required: true });
  private readonly text = h("textarea", { id: "post-text", rows: 3, maxlength: LONGEST_TEXT, required: true });
  private shown = STEP;

  constructor(private readonly page: Page) {
    const form = h("form", { class: "new-post", "aria-label": "New post" },
      h("label", { for: "post-title" }, "Title"), this.title,
      h("label", { for: "post-text" }, "Text"), this.text,
      h("button", { type: "submit", class: "primary" }, "Post"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.post();
    });
    this.element = h("div", { class: "forum", hidden: true }, form, this.list);
    page.store.on("channels", () => {
      if (!this.element.hidden) this.draw();
    });
  }

  open(): void {
    this.shown = STEP;
    this.draw();
  }

  focus(): void {
    this.title.focus();
  }

  /** Puts a text into the form for a new post. */
  write(text: string): void {
    this.title.value = text.slice(0, LONGEST_TITLE);
    this.text.value = text;
    this.text.focus();
  }

  private draw(): void {
    const posts = this.page.store.threadsOf(this.page.store.here ?? "");
    fill(this.list, ...posts.slice(0, this.shown).map((post) => this.drawPost(post)));
    if (posts.length === 0) fill(this.list, h("li", { class: "dim" }, "No posts yet. The first one may be yours."));
    if (posts.length > this.shown) {
      const more = (): void => {
        this.shown += STEP;
        this.draw();
      };
      this.list.append(h("li", {}, h("button", { type: "button", class: "link", onclick: more }, "Older posts")));
    }
  }

  private drawPost(post: Channel): HTMLElement {
    const { store } = this.page;
    const author = store.members.get(post.owner_id ?? "");
    const made = post.thread_metadata?.create_timestamp;
    const details = [author && store.nameOf(author.user), made && spoken(made), post.thread_metadata?.archived && "archived"];
    const open = h("button", { type: "button", class: store.unread.has(post.id) ? "post unread" : "post", onclick: () => store.go(post.id) },
      h("b", {}, post.name ?? ""), h("span", { class: "dim" }, details.filter(Boolean).join(" · ")),
    );
    return h("li", {}, open);
  }

  private async post(): Promise<void> {
    const { api, store } = this.page;
    const body = { name: this.title.value.trim(), message: { content: written(this.text.value.trim(), store) } };
    await this.page.attempt(async () => {
      const thread = await api.post<Channel>(`/channels/${store.here ?? ""}/threads`, body);
      this.title.value = this.text.value = "";
      store.putChannel(thread);
      store.go(thread.id);
    });
  }
}
