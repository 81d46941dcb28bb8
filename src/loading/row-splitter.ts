// Finds the rows in the bytes of an answer, `[{row},…]`, `{"<object id>":[{row},…],…}` or `{"data":[{row},…]}`, in whatever chunks
// they arrive.
//
// It knows only strings and brackets: it says where a row begins and ends, and refuses an answer whose frame around the
// rows is broken or ends early. Whether a row is sound is not decided here. A JSON parser would cost ten times as much.
import { MalformedAnswer, QUOTED_BYTES, type MalformedKind } from './malformed-answer.js';

/** Receives the rows. A row comes as one or more fragments between begin and end. */
export interface RowSink {
  /** `key`: the object id of a report as it stands in the body, quotes included; null in a bare array. */
  beginRow(key: Uint8Array | null): void;
  fragment(chunk: Uint8Array, from: number, to: number): void;
  /**
   * `odd`: the row is no object, or holds something that a typed read would refuse or take for something else: a boolean,
   * a nested value, a word where a number belongs.
   */
  endRow(odd: boolean): void;
}

/** What stands around the rows; a report may also be a bare list. */
export type Frame = 'list' | 'report' | 'data';

/** The key of the rows in a frame of data, as it stands in the body. */
const DATA = '"data"';

enum Place {
  Start,
  FirstKey,
  NextKey,
  Key,
  Colon,
  List,
  FirstElement,
  NextElement,
  Element,
  AfterElement,
  AfterList,
  Done,
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const SPACE = 0x20;
const MAX_KEY_BYTES = 1_000;
const MAX_QUOTED_KEY = 50;

/** What a byte from `[` upwards means outside of strings, inside an element; 0: nothing to the splitter. */
const [IS_OPEN, IS_CLOSE, IS_ODD] = [1, 2, 3];
const MEANING = new Uint8Array(256);
MEANING[OPEN_LIST] = MEANING[OPEN_OBJECT] = IS_OPEN;
MEANING[CLOSE_LIST] = MEANING[CLOSE_OBJECT] = IS_CLOSE;
for (const letter of 'tf') MEANING[letter.charCodeAt(0)] = IS_ODD;

/** The bytes that texts of numbers are made of. */
const OF_A_NUMBER = new Uint8Array(256);
for (const character of '0123456789+-.eE') OF_A_NUMBER[character.charCodeAt(0)] = 1;

export class RowSplitter {
  private place = Place.Start;
  /** Bytes seen before the current chunk. */
  private bytes = 0;
  private readonly head: number[] = [];
  private isReport = false;
  private key: number[] = [];
  private keyBytes: Uint8Array | null = null;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private odd = false;
  /** The string that the last chunk left open is a value, and may be one under the key of a number. */
  private isNumber = false;
  private lastByte = 0;
  /** How deep a row may be without being odd. */
  private readonly plainDepth: number;

  /**
   * @param numbers keys under which a row has numbers
   * @param frame what an answer has to be; in `data` a row has an object of metrics inside
   */
  constructor(
    private readonly sink: RowSink,
    private readonly numbers: ReadonlySet<string>,
    private readonly frame: Frame,
  ) {
    this.plainDepth = frame === 'data' ? 2 : 1;
  }

  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length && this.head.length < QUOTED_BYTES; i++) this.head.push(chunk[i]!);
    let at = 0;
    while (at < chunk.length) {
      at = this.place === Place.Element ? this.element(chunk, at) : this.around(chunk, at);
    }
    this.bytes += chunk.length;
  }

  /** The body is over: refuses one that ended before its frame was closed. */
  end(): void {
    if (this.place === Place.Done) return;
    if (this.bytes === 0) throw this.malformed('empty', 'The answer has no body');
    throw this.malformed('truncated', `The answer ends early, after ${this.bytes} bytes`);
  }

  /** Passes one byte of the frame around the rows. */
  private around(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    if (this.place === Place.Key) {
      this.keyByte(byte);
      return at + 1;
    }
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) return at + 1;
    switch (this.place) {
      case Place.Start:
        if (byte === OPEN_OBJECT && this.frame === 'list')
          throw this.malformed('unexpected-shape', 'The answer is an object, not a list of rows');
        if (byte === OPEN_LIST && this.frame === 'data') throw this.noData();
        if (byte === OPEN_OBJECT) this.isReport = true;
        else if (byte !== OPEN_LIST) throw this.neitherListNorReport(chunk, at);
        this.place = this.isReport ? Place.FirstKey : Place.FirstElement;
        break;
      case Place.FirstKey:
      case Place.NextKey:
        if (byte === QUOTE) {
          this.key = [QUOTE];
          this.place = Place.Key;
        } else if (byte === CLOSE_OBJECT && this.place === Place.FirstKey) {
          if (this.frame === 'data') throw this.noData();
          this.place = Place.Done;
        } else throw this.unexpected(byte, at);
        break;
      case Place.Colon:
        if (byte !== COLON) throw this.unexpected(byte, at);
        this.place = Place.List;
        break;
      case Place.List:
        if (byte !== OPEN_LIST) {
          const key = Buffer.from(this.keyBytes!).toString('utf8').slice(0, MAX_QUOTED_KEY);
          throw this.malformed('unexpected-shape', `The answer has no list of rows under ${key}`);
        }
        this.place = Place.FirstElement;
        break;
      case Place.FirstElement:
      case Place.NextElement:
        if (byte === CLOSE_LIST && this.place === Place.FirstElement) this.closeList();
        else if (byte === COMMA || byte === COLON || byte === CLOSE_LIST || byte === CLOSE_OBJECT)
          throw this.unexpected(byte, at);
        else {
          this.sink.beginRow(this.frame === 'data' ? null : this.keyBytes);
          this.depth = 0;
          this.odd = byte !== OPEN_OBJECT;
          this.place = Place.Element;
          return at;
        }
        break;
      case Place.AfterElement:
        if (byte === COMMA) this.place = Place.NextElement;
        else if (byte === CLOSE_LIST) this.closeList();
        else throw this.unexpected(byte, at);
        break;
      case Place.AfterList:
        if (byte === COMMA && this.frame !== 'data') this.place = Place.NextKey;
        else if (byte === CLOSE_OBJECT) this.place = Place.Done;
        else throw this.unexpected(byte, at);
        break;
      default:
        throw this.unexpected(byte, at);
    }
    return at + 1;
  }

  /**
   * Passes as much of one element as the chunk holds. This loop sees every string of every row, so it keeps its state in
   * locals and has little to decide for most of them.
   */
  private element(chunk: Uint8Array, start: number): number {
    const end = chunk.length;
    const { plainDepth } = this;
    let { depth, inString, odd } = this;
    let at = start;
    let over = false;
    let stringFrom = start;
    if (inString) {
      at = closingQuote(chunk, this.escaped ? start + 1 : start);
      this.escaped = false;
      if (at < end) {
        inString = false;
        at++;
        if (!odd && !isColon(chunk, at)) odd = this.isNoNumber(chunk, start, start, at - 1);
      }
    }
    while (at < end) {
      at = endOfPlain(chunk, at, depth);
      if (at === end) break;
      const byte = chunk[at]!;
      const meaning = MEANING[byte]!;
      // An element that is no object or list ends before the comma or bracket that follows it.
      if (depth === 0 && (byte === COMMA || meaning === IS_CLOSE)) {
        over = true;
        break;
      }
      if (byte === QUOTE) {
        const from = ++at;
        at = closingQuote(chunk, from);
        if (at >= end) {
          inString = true;
          stringFrom = from;
          break;
        }
        at++;
        // Most strings are keys: of these nothing has to be looked at.
        if (isColon(chunk, at)) at++;
        else if (!odd) odd = this.isNoNumber(chunk, start, from, at - 1);
        continue;
      }
      at++;
      if (meaning === IS_OPEN) {
        if (++depth > plainDepth) odd = true;
      } else if (meaning === IS_ODD) odd = true;
      else if (meaning === IS_CLOSE && --depth === 0) {
        over = true;
        break;
      }
    }
    if (at > end) {
      this.escaped = true;
      at = end;
    }
    if (inString && !odd) {
      // One that began in an earlier chunk is what it was found to be there.
      if (stringFrom > start)
        this.isNumber =
          this.isValue(chunk, start, stringFrom) && this.isUnderNumber(chunk, start, stringFrom);
      odd = this.isNumber && isWordy(chunk, stringFrom, at);
    }
    this.depth = depth;
    this.inString = inString;
    this.odd = odd;
    this.lastByte = chunk[at - 1]!;
    if (at > start) this.sink.fragment(chunk, start, at);
    if (over) {
      this.sink.endRow(odd);
      this.place = Place.AfterElement;
    }
    return at;
  }

  /** Whether a string that ends at `to` is a word where a number belongs; of one that began in an earlier chunk, its rest. */
  private isNoNumber(chunk: Uint8Array, start: number, from: number, to: number): boolean {
    if (from === start) return this.isNumber && isWordy(chunk, from, to);
    return (
      this.isValue(chunk, start, from) &&
      (from === to || isWordy(chunk, from, to)) &&
      this.isUnderNumber(chunk, start, from)
    );
  }

  /** Whether the string that begins at `from` follows a colon. */
  private isValue(chunk: Uint8Array, start: number, from: number): boolean {
    const before = from - 2 >= start ? chunk[from - 2]! : this.lastByte;
    return before === COLON || (before <= SPACE && followsColon(chunk, start, from - 3));
  }

  /** Whether the key in front of the value that begins at `from` is a number's. A key in another chunk may be any. */
  private isUnderNumber(chunk: Uint8Array, start: number, from: number): boolean {
    const keyTo = from - 2 > start ? chunk.lastIndexOf(QUOTE, from - 2) : start;
    const keyFrom = keyTo > start ? chunk.lastIndexOf(QUOTE, keyTo - 1) + 1 : start;
    if (keyFrom <= start) return true;
    return this.numbers.has(Buffer.from(chunk.subarray(keyFrom, keyTo)).toString('latin1'));
  }

  private keyByte(byte: number): void {
    this.key.push(byte);
    if (this.key.length > MAX_KEY_BYTES)
      throw this.malformed('unexpected-shape', `The answer has a key of more than ${MAX_KEY_BYTES} bytes`);
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) {
      this.keyBytes = Uint8Array.from(this.key);
      if (this.frame === 'data' && Buffer.from(this.keyBytes).toString('latin1') !== DATA)
        throw this.noData();
      this.place = Place.Colon;
    }
  }

  private closeList(): void {
    this.place = this.isReport ? Place.AfterList : Place.Done;
  }

  private noData(): MalformedAnswer {
    return this.malformed('unexpected-shape', 'The answer is not an object with a list of rows under "data"');
  }

  private neitherListNorReport(chunk: Uint8Array, at: number): MalformedAnswer {
    const text = Buffer.from(chunk.subarray(at, at + 20)).toString('latin1');
    return /^(null|true|false|"|-?\d)/.test(text)
      ? this.malformed('unexpected-shape', 'The answer is neither a list of rows nor a report')
      : this.malformed('not-json', 'The answer is not JSON');
  }

  private unexpected(byte: number, at: number): MalformedAnswer {
    const what = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`;
    return this.malformed(
      'not-json',
      `The answer is not JSON: unexpected ${what} at byte ${this.bytes + at}`,
    );
  }

  /** The refusal of this answer, with its beginning. */
  malformed(kind: MalformedKind, problem: string): MalformedAnswer {
    return new MalformedAnswer(kind, problem, Uint8Array.from(this.head));
  }
}

// These see every byte of every row. In a file of their own they took half as long again: V8 does not make one loop of them there.

/** Where the next quote or backslash is, or the chunk's end. */
function endOfText(chunk: Uint8Array, at: number): number {
  let byte = 0;
  while (at < chunk.length && (byte = chunk[at]!) !== QUOTE && byte !== BACKSLASH) at++;
  return at;
}

/** Where outside of strings the next byte is that may mean something, or the chunk's end. */
function endOfPlain(chunk: Uint8Array, at: number, depth: number): number {
  let byte = 0;
  while (
    at < chunk.length &&
    (byte = chunk[at]!) !== QUOTE &&
    byte < OPEN_LIST &&
    (byte !== COMMA || depth > 0)
  )
    at++;
  return at;
}

/** Where the string that `at` is in has its closing quote; the chunk's end if it has none, one more if that follows a backslash. */
function closingQuote(chunk: Uint8Array, from: number): number {
  let at = endOfText(chunk, from);
  while (at < chunk.length && chunk[at] === BACKSLASH) at = endOfText(chunk, at + 2);
  return at;
}

/** Whether a colon stands at `at`: then the string that ends before it certainly is a key. */
function isColon(chunk: Uint8Array, at: number): boolean {
  return at < chunk.length && chunk[at] === COLON;
}

/** Whether some byte is in no number. */
function isWordy(chunk: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (OF_A_NUMBER[chunk[at]!] === 0) return true;
  return false;
}

/** Whether a colon is the last before `at`, white space aside; what lies in another chunk may be one. */
function followsColon(chunk: Uint8Array, start: number, at: number): boolean {
  while (at >= start && chunk[at]! <= SPACE) at--;
  return at < start || chunk[at] === COLON;
}
