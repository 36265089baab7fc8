/** The messages of one channel that the page holds: a stretch without gaps, oldest first. */
import type { Message } from "./types";

/** Ids are numbers too long for a number; ids of the same length sort like text. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export class Timeline {
  readonly messages: Message[] = [];
  /** Nothing older is left to fetch. */
  atStart = false;
  /** Nothing newer is left to fetch: new messages belong at the end. */
  atEnd = false;
  /** What came by the gateway while pages were on their way: they may have left before it, and null is a deletion. */
  private readonly underway = new Set<Map<string, Message | null>>();

  /** Where a message stands, or where it would have to stand as `-(place) - 1`. */
  place(id: string): number {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareIds((this.messages[middle] as Message).id, id);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -low - 1;
  }

  find(id: string): Message | undefined {
    return this.messages[this.place(id)];
  }

  /** Takes in a message, new or changed; false when it belongs to a stretch that is not held. */
  put(message: Message): boolean {
    for (const noted of this.underway) noted.set(message.id, message);
    const place = this.place(message.id);
    const before = -place - 1;
    if (place >= 0) this.messages[place] = message;
    else if (!this.atEnd && before === this.messages.length) return false;
    else if (!this.atStart && before === 0) return false;
    else this.messages.splice(before, 0, message);
    return true;
  }

  /**
   * Takes in a page that joins the stretch held, as it stands once it is here: whatever came by the gateway while it
   * was on its way is newer. `settle` says which ends the page has reached. Nothing changes where the page fails.
   */
  async join(fetching: Promise<readonly Message[]>, settle: (page: readonly Message[]) => void): Promise<number> {
    const noted = new Map<string, Message | null>();
    this.underway.add(noted);
    let page: readonly Message[];
    try {
      page = await fetching;
    } finally {
      this.underway.delete(noted);
    }
    for (const message of page) {
      const place = this.place(message.id);
      if (place < 0) this.messages.splice(-place - 1, 0, message);
    }
    settle(page);
    for (const [id, message] of noted) {
      if (message) this.put(message);
      else this.remove(id);
    }
    return page.length;
  }

  remove(id: string): boolean {
    for (const noted of this.underway) noted.set(id, null);
    const place = this.place(id);
    if (place >= 0) this.messages.splice(place, 1);
    return place >= 0;
  }

  clear(): void {
    this.messages.length = 0;
    this.atStart = this.atEnd = false;
  }
}
