// The reading of a list, page by page, to an end that is certain: whatever bookmarks say, it is over one day.
import { createHash } from 'node:crypto';

export interface ListEnd {
  /** Why there is no sense in reading on although a bookmark says so; null at a proper end. */
  cutShort: string | null;
}

/** Bookmarks are remembered by so much of a hash: two of them are the same in one of 10^8 longest readings. */
const REMEMBERED_CHARACTERS = 12;

const hashOf = (bookmark: string): string =>
  createHash('sha256').update(bookmark).digest('base64url').slice(0, REMEMBERED_CHARACTERS);

export class Reading {
  private readonly bookmarks: Set<string>;
  /** Of this attempt: an id that only an earlier one has seen counts as new once more. */
  private readonly ids = new Set<string>();

  /**
   * @param mostPages a list that is longer is not read any further
   * @param seen `remembered` of an earlier attempt at the same reading
   */
  constructor(
    private readonly mostPages: number,
    seen: readonly string[] = [],
  ) {
    this.bookmarks = new Set(seen);
  }

  /** The bookmarks that led here, to be kept for another attempt: short texts without spaces and commas. */
  get remembered(): string[] {
    return [...this.bookmarks];
  }

  /** Notes a page; says how the list ends with it, or null if it goes on at its bookmark. */
  took(ids: readonly string[], bookmark: string | null): ListEnd | null {
    const isNew = ids.some((id) => !this.ids.has(id));
    for (const id of ids) this.ids.add(id);
    if (bookmark === null) return { cutShort: null };
    const hash = hashOf(bookmark);
    if (this.bookmarks.has(hash)) return { cutShort: 'its pages lead back to one that was read' };
    if (!isNew) return { cutShort: 'a page of it brought nothing new' };
    this.bookmarks.add(hash);
    if (this.bookmarks.size >= this.mostPages)
      return { cutShort: `it has more than ${this.mostPages} pages` };
    return null;
  }
}
