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
    this.element = h("section", { class: "why", "aria-labelledby": "why-title", tabindex: 0 }, h("h2", { id: "why-title" }, "Why?"), this.body);
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
    const reasons = why.sentences?.length ? h("ul", { class: "reasons" }, ...why.sentences.map((each) => h("li", {}, each))) : null;
    fill(this.body,
      h("p", { class: "quoted" }, why.text),
      h("p", {}, h("span", { class: `verdict verdict-${why.verdict in VERDICTS ? why.verdict : "other"}` }, verdict), " ",
        h("span", { class: "dim" }, why.overheard ? "overheard" : "asked")),
      h("p", {}, why.why),
      typeof why.probability === "number" ? drawScale(why, why.probability) : null,
      reasons,
      ...(why.hits.length ? drawHits(why.hits) : []),
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
  bar.style.width = percent(probability);
  const marks = limits.map((each) => {
    const mark = h("span", { class: "bar-mark" });
    mark.style.left = percent(each.at);
    return mark;
  });
  const words = [`Probability ${figure(probability)}`, ...limits.map((each) => `${each.name} ${figure(each.at)}`)];
  return h("div", { class: "scale" },
    h("div", { class: "scale-words" }, words.join(" · ")),
    h("div", { class: "scale-bar", "aria-hidden": "true" }, bar, ...marks),
  );
}

/** The hits, each with a bar of what its terms add up to. */
function drawHits(hits: readonly Hit[]): HTMLElement[] {
  const names = Object.keys(hits[0]?.adds ?? {});
  const most = Math.max(...hits.map((hit) => hit.relevance), 1);
  const legend = names.map((name, index) => h("span", { class: `key part-${index}` }, name));
  return [
    h("h3", {}, "Nearest entries"),
    h("div", { class: "legend" }, h("span", { class: "dim" }, "relevance ="), ...legend),
    h("ol", { class: "hits" }, ...hits.map((hit) => drawHit(hit, names, most))),
  ];
}

function drawHit(hit: Hit, names: readonly string[], most: number): HTMLElement {
  const parts = names.map((name, index) => {
    const part = h("span", { class: `part part-${index}` });
    part.style.width = percent(Math.max(0, hit.adds[name] ?? 0) / most);
    return part;
  });
  const sum = names.map((name) => `${name} ${figure(hit.terms[name] ?? 0)}`).join(", ");
  return h("li", {},
    h("div", { class: "hit-title" }, hit.title),
    h("div", { class: "dim" }, `“${hit.phrasing}”`),
    h("div", { class: "stack", title: sum, "aria-hidden": "true" }, ...parts),
    h("div", { class: "figures" }, `similarity ${figure(hit.similarity)} · relevance ${figure(hit.relevance)}`),
  );
}

function percent(share: number): string {
  return `${Math.min(1, Math.max(0, share)) * 100}%`;
}

function figure(value: number): string {
  return value.toFixed(2);
}
