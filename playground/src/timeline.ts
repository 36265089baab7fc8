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
    const place = this.place(message.id);
    if (place >= 0) this.messages[place] = message;
    else if (!this.atEnd && -place - 1 === this.messages.length) return false;
    else this.messages.splice(-place - 1, 0, message);
    return true;
  }

  /** Takes in a page that joins the stretch held. */
  join(page: readonly Message[]): void {
    for (const message of page) {
      const place = this.place(message.id);
      if (place < 0) this.messages.splice(-place - 1, 0, message);
    }
  }

  remove(id: string): boolean {
    const place = this.place(id);
    if (place >= 0) this.messages.splice(place, 1);
    return place >= 0;
  }

  clear(): void {
    this.messages.length = 0;
    this.atStart = this.atEnd = false;
  }
}
