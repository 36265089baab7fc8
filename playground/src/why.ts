/** Beside the chat: what the bot decided about a message, and why, in the bot's own figures. */
import { fill, h } from "./dom";
import type { Page } from "./page";
import type { Hit, Why } from "./playground";
import type { Message } from "./types";

const VERDICTS: Record<string, string> = {
  answer: "Answered", suggest: "Asked back", no_match: "Nothing found", ignored: "Left alone",
};
/** A decision can take a moment: how often to look again, and after how long each time. */
const RETRIES_MS = [250, 500, 1000, 2000];

export class WhyPanel {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "why-body", "aria-live": "polite" });
  private asked = 0;

  constructor(private readonly page: Page) {
    this.element = h("section", { class: "why", "aria-labelledby": "why-title" }, h("h2", { id: "why-title" }, "Why?"), this.body);
    const { store } = page;
    store.on("chosen", () => this.refresh());
    store.on("messages", ({ channelId, message, isNew }) => {
      const mine = isNew && store.chosen === null && channelId === store.here;
      if (mine && message && !message.author.bot) this.refresh();
    });
    this.clear();
  }

  private clear(): void {
    fill(this.body, h("p", { class: "dim" }, "Write something, or choose a message and press w: this shows what the bot made of it."));
  }

  private refresh(): void {
    void this.show(this.subject(), ++this.asked);
  }

  /** The chosen message, else the newest that a person wrote; for an answer of the bot what it answers. */
  private subject(): Message | undefined {
    const { store } = this.page;
    const { messages } = store.timeline(store.here ?? "");
    const chosen = store.chosen === null ? undefined : messages.find((each) => each.id === store.chosen);
    return chosen ?? messages.findLast((each) => !each.author.bot);
  }

  private async show(message: Message | undefined, mine: number): Promise<void> {
    if (!message) {
      this.clear();
      return;
    }
    for (const wait of [0, ...RETRIES_MS]) {
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      if (mine !== this.asked) return;
      const found = await this.ask(message);
      if (mine !== this.asked) return;
      if (found instanceof Error) {
        fill(this.body, h("p", { class: "complaint" }, found.message));
        return;
      }
      if (found) {
        this.draw(found);
        return;
      }
    }
    fill(this.body, h("p", { class: "quoted" }, message.content || "This message"), h("p", { class: "dim" }, "The bot decided nothing about it: it was not asked, or has forgotten."));
  }

  private async ask(message: Message): Promise<Why | null | Error> {
    const reference = message.author.bot ? message.message_reference?.message_id : undefined;
    try {
      const own = await this.page.playground.why(message.channel_id, message.id);
      if (own || !reference) return own;
      return await this.page.playground.why(message.channel_id, reference);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private draw(why: Why): void {
    const verdict = VERDICTS[why.verdict] ?? why.verdict;
    fill(this.body,
      h("p", { class: "quoted" }, why.text),
      h("p", {}, h("span", { class: `verdict verdict-${VERDICTS[why.verdict] ? why.verdict : "other"}` }, verdict),
        why.overheard === undefined ? null : h("span", { class: "dim" }, why.overheard ? " overheard" : " asked")),
      h("p", {}, why.why),
      typeof why.probability === "number" ? drawScale(why, why.probability) : null,
      ...(why.hits.length ? [h("h3", {}, "Nearest entries"), h("ol", { class: "hits" }, ...why.hits.map(drawHit))] : []),
      typeof why.margin === "number" ? h("p", { class: "dim" }, `The first is ahead of the second by ${number(why.margin)}.`) : null,
    );
  }
}

/** The probability on a line from 0 to 1, with the two limits. */
function drawScale(why: Why, probability: number): HTMLElement {
  const limits = [
    typeof why.limit_suggest === "number" ? { at: why.limit_suggest, name: "asks back from" } : null,
    typeof why.limit_answer === "number" ? { at: why.limit_answer, name: "answers from" } : null,
  ].filter((each) => each !== null);
  const bar = h("span", { class: "bar-fill" });
  bar.style.width = `${probability * 100}%`;
  const marks = limits.map((each) => {
    const mark = h("span", { class: "bar-mark" });
    mark.style.left = `${each.at * 100}%`;
    return mark;
  });
  const words = [`Probability ${number(probability)}`, ...limits.map((each) => `${each.name} ${number(each.at)}`)];
  return h("div", { class: "scale" }, h("div", { class: "scale-words" }, words.join(" · ")), h("div", { class: "scale-bar", "aria-hidden": "true" }, bar, ...marks));
}

function drawHit(hit: Hit): HTMLElement {
  const terms = Object.entries(hit.terms ?? {}).map(([name, value]) => h("span", { class: "term" }, `${name.replaceAll("_", " ")} ${number(value)}`));
  return h("li", {},
    h("div", { class: "hit-title" }, hit.title),
    h("div", { class: "dim" }, `nearest phrasing: “${hit.phrasing}”`),
    h("div", { class: "terms" }, h("span", { class: "term" }, `similarity ${number(hit.similarity)}`),
      typeof hit.probability === "number" ? h("span", { class: "term" }, `probability ${number(hit.probability)}`) : null, ...terms),
  );
}

function number(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 3).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}
