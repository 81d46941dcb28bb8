// What becomes of the rows of an answer: the rules, one example each.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ALL_COLUMNS, metricsOf } from '../../src/dataflow/columns.js';
import { Staging } from '../../src/loading/staging.js';
import { bodyOf, newWorkFolder, readBack, reasonsOf, shapeOf, stage } from './staged.js';

const AD = '687195134316000123';
const row = (more: string): string => `{"DATE":"2026-05-01",${more}}`;
const report = (...rows: string[]): string => `{"${AD}":[${rows.join(',')}]}`;

describe('an answer', () => {
  test('of the analytics endpoints, a bare array, becomes rows', async () => {
    const outcome = await stage(shapeOf(), [
      `[{"AD_ID":${AD},"AD_GROUP_ID":"268","CAMPAIGN_ID":626735565838,"DATE":"2026-05-01","SPEND_IN_MICRO_DOLLAR":12.5,"AD_NAME":"Spring"}]`,
    ]);
    expect(outcome).toMatchObject({ rows: 1, rejectedRows: 0, inputRows: 1, rejects: [] });
    expect(outcome.rowsRead).toEqual([
      {
        object_id: AD,
        date: '2026-05-01',
        campaign_id: '626735565838',
        ad_group_id: '268',
        spend_in_micro_dollar: 12.5,
        ctr: null,
        ad_name: 'Spring',
      },
    ]);
  });

  test('of a report takes the object from its key', async () => {
    const { rowsRead } = await stage(shapeOf(), [`{"12":[${row('"CTR":1')}],"13":[${row('"CTR":2')}]}`]);
    expect(rowsRead.map(({ object_id, ctr }) => [object_id, ctr])).toEqual([
      ['12', 1],
      ['13', 2],
    ]);
  });

  test.each(['[]', '{}', ' {"12":[]} ', '\n[\n]\n'])('without rows is an answer too: %j', async (answer) => {
    const outcome = await stage(shapeOf(), [answer]);
    expect(outcome).toMatchObject({ rows: 0, rowFiles: [], rejectFiles: [], inputBytes: answer.length });
  });

  test('may begin with a byte order mark', async () => {
    const outcome = await stage(shapeOf(), [`\ufeff[${row('"AD_ID":12')}]`], { chunkBytes: 1 });
    expect(outcome.rowsRead).toMatchObject([{ object_id: '12' }]);
  });

  test('may come in several batches', async () => {
    const batches = ['12', '13'].map((id) => `[{"AD_ID":${id},"DATE":"2026-05-01"}]`);
    expect(await stage(shapeOf(), batches)).toMatchObject({ rows: 2, inputBytes: 2 * batches[0]!.length });
  });

  test('may have every column that there is, and bad rows then too', async () => {
    const columns = metricsOf('ads', ALL_COLUMNS);
    const values = columns.map(({ name, kind }) => `"${name}":${kind === 'number' ? 12.5 : '"a"'}`).join(',');
    const rows = Array.from({ length: 300 }, (_, i) =>
      i === 7
        ? `{"AD_ID":${i},"DATE":"2026-05-01","SPEND_IN_MICRO_DOLLAR":"much"}`
        : `{"AD_ID":${i},"AD_GROUP_ID":2,"CAMPAIGN_ID":1,"DATE":"2026-05-01",${values}}`,
    );
    const outcome = await stage(shapeOf({ columns }), [`[${rows.join(',')}]`]);
    expect(outcome).toMatchObject({ rows: 299, rejectedRows: 1 });
    expect(Object.values(outcome.rowsRead[0]!).filter((value) => value === null)).toEqual([]);
  });

  test('may be larger than a segment', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => `{"AD_ID":${i},"DATE":"2026-05-01","CTR":${i}}`);
    const outcome = await stage(shapeOf(), [`[${rows.join(',\n')}]`], {
      segmentBytes: 2_000,
      chunkBytes: 100,
    });
    expect(outcome.rowFiles.length).toBeGreaterThan(5);
    expect(new Set(outcome.rowsRead.map(({ ctr }) => ctr)).size).toBe(500);
  });
});

describe('ids', () => {
  test.each(['687195134316000123', '"687195134316000123"', '9007199254740993', '18446744073709551615'])(
    'come through exactly: %s',
    async (id) => {
      const { rowsRead } = await stage(shapeOf(), [
        `[{"AD_ID":${id},"CAMPAIGN_ID":${id},"DATE":"2026-05-01"}]`,
      ]);
      const digits = id.replaceAll('"', '');
      expect(rowsRead).toMatchObject([{ object_id: digits, campaign_id: digits }]);
    },
  );

  test.each([
    ['"12a"', 'AD_ID: "12a" is not an id'],
    ['-5', 'AD_ID: "-5" is not an id'],
    ['1e3', 'AD_ID: "1000.0" is not an id'],
    ['""', 'AD_ID: "" is not an id'],
    ['true', 'AD_ID: true is not an id'],
    ['{"id":1}', 'AD_ID: {"id":1} is not an id'],
    ['null', 'the row has no AD_ID'],
    ['123456789012345678901', 'AD_ID: "123456789012345678901" is not an id'],
    [`"${'7'.repeat(100_000)}"`, `AD_ID: "${'7'.repeat(200)}" is not an id`],
  ])('that are none reject the row: %s', async (id, reason) => {
    expect(await reasonsOf(shapeOf(), `[${row(`"AD_ID":${id}`)}]`)).toEqual([reason]);
  });

  test('of parents that are none reject the row', async () => {
    expect(await reasonsOf(shapeOf(), report(row('"CAMPAIGN_ID":"x"')))).toEqual([
      'CAMPAIGN_ID: "x" is not an id',
    ]);
  });

  test('of a row must agree with the key of its report', async () => {
    const rows = [row(`"AD_ID":${AD}`), row('"PIN_PROMOTION_ID":"7"').replace('-01', '-02')];
    const outcome = await stage(shapeOf(), [report(...rows)]);
    expect(outcome.rows).toBe(1);
    expect(outcome.rejects).toEqual([
      {
        raw: rows[1],
        reason: `PIN_PROMOTION_ID: "7" contradicts ${AD}, the object the row came for`,
        object_id: AD,
        date: '2026-05-02',
      },
    ]);
  });

  test('of ads may stand under PIN_PROMOTION_ID', async () => {
    const { rowsRead } = await stage(shapeOf(), [`[${row('"PIN_PROMOTION_ID":12')}]`]);
    expect(rowsRead).toMatchObject([{ object_id: '12' }]);
  });

  test('that were not asked for reject the row, even one that is not wanted', async () => {
    const answer = `[${row('"AD_ID":12')},${row('"AD_ID":13')}]`;
    expect(await reasonsOf(shapeOf({ wantedIds: ['12'] }), answer, ['12'])).toEqual([
      'AD_ID: 13 was not asked for',
    ]);
  });

  test('that are not wanted drop the row without a word, whatever is wrong with it', async () => {
    const answer = `{"12":[${row('"CTR":1')}],"13":[${row('"CTR":1')},${row('"CTR":"N/A"')},7,{"CTR":01}]}`;
    expect(await stage(shapeOf({ wantedIds: ['12'] }), [answer])).toMatchObject({ rows: 1, inputRows: 1 });
  });

  test.each([
    ['campaigns', 'CAMPAIGN_ID', []],
    ['ad_groups', 'AD_GROUP_ID', ['campaign_id']],
    ['ads', 'AD_ID', ['campaign_id', 'ad_group_id']],
  ] as const)('of %s come with the parents above them', async (objectType, name, parents) => {
    const shape = shapeOf({ objectType, columns: [] });
    const { rowsRead } = await stage(shape, [`[${row(`"${name}":1`)}]`]);
    expect(Object.keys(rowsRead[0]!)).toEqual(['object_id', 'date', ...parents]);
  });
});

describe('dates', () => {
  const dated = (date: string): string => report(`{"DATE":${date}}`);

  test.each(['2026-05-01', '2026-05-01T05:00:00', '2026-05-01 05:00', '2026-05-01T00:00:00.000Z'])(
    'may have a time of day: %s',
    async (date) => {
      const { rowsRead } = await stage(shapeOf(), [dated(`"${date}"`)]);
      expect(rowsRead).toMatchObject([{ date: '2026-05-01' }]);
    },
  );

  test.each([
    '2026-5-1',
    '2026-02-30',
    ' 2026-05-01',
    '01/05/2026',
    'epoch',
    'infinity',
    '',
    '2026-05-01T25:00',
    'x',
  ])('that are none reject the row: %j', async (date) => {
    expect(await reasonsOf(shapeOf(), dated(`"${date}"`))).toEqual([`DATE: "${date}" is not a date`]);
  });

  test('that are missing reject the row', async () => {
    expect(await reasonsOf(shapeOf(), report('{"CTR":1}'))).toEqual(['the row has no DATE']);
  });

  test('outside of what was asked for reject the row', async () => {
    const rows = ['04-30', '05-01', '05-31', '06-01'].map((day) => `{"DATE":"2026-${day}"}`);
    const outcome = await stage(shapeOf(), [report(...rows)]);
    expect(outcome).toMatchObject({ rows: 2, rejectedRows: 2, inputRows: 4 });
    expect(outcome.rejects[0]).toMatchObject({
      reason: 'DATE: 2026-04-30 is outside of 2026-05-01 to 2026-05-31, which was asked for',
      object_id: AD,
      date: '2026-04-30',
    });
  });

  test('of TOTAL are the last one asked for', async () => {
    const { rowsRead } = await stage(shapeOf({ granularity: 'TOTAL' }), [report('{"CTR":1}')]);
    expect(rowsRead).toMatchObject([{ date: '2026-05-31' }]);
  });

  test.each([
    ['WEEK', '2026-05-20', '2026-05-18'],
    ['WEEK', '2026-05-01', '2026-04-27'],
    ['WEEK', '2026-05-31', '2026-05-25'],
    ['MONTH', '2026-05-31', '2026-05-01'],
    ['MONTH', '2026-05-01T00:00:00', '2026-05-01'],
  ] as const)('of a %s are its first day: %s', async (granularity, date, first) => {
    const { rowsRead } = await stage(shapeOf({ granularity }), [dated(`"${date}"`)]);
    expect(rowsRead).toMatchObject([{ date: first }]);
  });
});

describe('hours', () => {
  const shape = shapeOf({ granularity: 'HOUR' });
  test.each([
    ['{"DATE":"2026-05-01","HOUR":5}', 5],
    ['{"DATE":"2026-05-01","HOUR":"05"}', 5],
    ['{"DATE":"2026-05-01T23:00:00"}', 23],
    ['{"DATE":"2026-05-01 00:00","HOUR":7}', 7],
  ])('come from HOUR or from the time: %s', async (text, hour) => {
    expect((await stage(shape, [report(text)])).rowsRead).toMatchObject([{ date: '2026-05-01', hour }]);
  });

  test.each([
    ['{"DATE":"2026-05-01"}', 'the row has no HOUR'],
    ['{"DATE":"2026-05-01","HOUR":24}', 'HOUR: "24" is not an hour of the day'],
    ['{"DATE":"2026-05-01","HOUR":-1}', 'HOUR: "-1" is not an hour of the day'],
    ['{"DATE":"2026-05-01","HOUR":1.5}', 'HOUR: "1.5" is not an hour of the day'],
  ])('that are none reject the row: %s', async (text, reason) => {
    expect(await reasonsOf(shape, report(text))).toEqual([reason]);
  });

  test('tell cells apart', async () => {
    const rows = [0, 1].map((hour) => `{"DATE":"2026-05-01","HOUR":${hour},"CTR":${hour}}`);
    expect(await stage(shape, [report(...rows)])).toMatchObject({ rows: 2, rejectedRows: 0 });
  });
});

describe('metrics', () => {
  test.each([
    ['1', 1],
    ['-12.5', -12.5],
    ['"12.5"', 12.5],
    ['1e3', 1000],
    ['"1e3"', 1000],
    ['0', 0],
    ['9007199254740992', 9007199254740992],
    ['0.1', 0.1],
    ['null', null],
  ])('that are numbers become numbers: %s', async (value, number) => {
    const { rowsRead } = await stage(shapeOf(), [report(row(`"CTR":${value}`))]);
    expect(rowsRead).toMatchObject([{ ctr: number }]);
  });

  test.each([
    ['"N/A"', '"N/A"'],
    ['""', '""'],
    ['true', 'true'],
    ['{"value": 1}', '{"value":1}'],
    ['[1]', '[1]'],
    ['"nan"', '"nan"'],
    ['"inf"', '"inf"'],
    ['"-Infinity"', '"-Infinity"'],
    ['"1_000"', '"1_000"'],
    ['" 12 "', '" 12 "'],
    ['"1,5"', '"1,5"'],
    ['"0x10"', '"0x10"'],
  ])('that are none reject the row and name column and value: %s', async (value, shown) => {
    const rows = [row(`"SPEND_IN_MICRO_DOLLAR":${value},"CTR":2`), row('"CTR":1').replace('-01', '-02')];
    const outcome = await stage(shapeOf(), [report(...rows)]);
    expect(outcome.rowsRead).toMatchObject([{ date: '2026-05-02', ctr: 1 }]);
    expect(outcome.rejects).toEqual([
      {
        raw: rows[0],
        reason: `SPEND_IN_MICRO_DOLLAR: ${shown} is not a number`,
        object_id: AD,
        date: '2026-05-01',
      },
    ]);
  });

  test.each([
    ['"Spring {[\\"sale\\"]}"', 'Spring {["sale"]}'],
    ['"{\\"a\\":1}"', '{"a":1}'],
    ['12', '12'],
    ['true', 'true'],
    ['"grün 🌱 \\ud83c\\udf31"', 'grün 🌱 🌱'],
    ['null', null],
  ])('of text take texts, numbers and booleans: %s', async (value, text) => {
    const { rowsRead } = await stage(shapeOf(), [report(row(`"AD_NAME":${value}`))]);
    expect(rowsRead).toMatchObject([{ ad_name: text }]);
  });

  test('of text are no objects or lists', async () => {
    expect(await reasonsOf(shapeOf(), report(row('"AD_NAME":{"a":1}')))).toEqual([
      'AD_NAME: {"a":1} is not a text',
    ]);
  });

  test('that nobody asked for are ignored, nested or not', async () => {
    const answer = report(row('"CTR":1,"MORE":{"a":[1,{"b":"}"}]},"FLAG":true'));
    expect((await stage(shapeOf(), [answer])).rowsRead).toMatchObject([{ ctr: 1 }]);
  });

  test('named like an id or the date do not come twice', async () => {
    const columns = ['DATE', 'AD_ID', 'CAMPAIGN_ID', 'CTR', 'CTR'].map((name) => ({
      name,
      kind: 'number' as const,
    }));
    const { rowsRead } = await stage(shapeOf({ columns }), [
      report(row(`"AD_ID":${AD},"CTR":1,"CAMPAIGN_ID":"2"`)),
    ]);
    expect(rowsRead).toEqual([
      { object_id: AD, date: '2026-05-01', campaign_id: '2', ad_group_id: null, ctr: 1 },
    ]);
  });
});

describe('a row that stops the engine', () => {
  test.each([
    ['a repeated key', '{"DATE":"2026-05-01","CTR":1,"CTR":2}', 'the key CTR is there twice'],
    ['a lone surrogate', row('"AD_NAME":"\\ud800"'), 'the row holds half of a surrogate pair'],
    ['a number with a leading zero', row('"CTR":01'), 'the row is not valid JSON'],
    ['a raw line break in a string', row('"AD_NAME":"a\nb"'), 'the row is not valid JSON'],
    ['a word', 'nonsense', 'the row is not valid JSON'],
    ['a number', '5', 'the row is not an object'],
    ['a list', '[{"a":1}]', 'the row is not an object'],
    ['a text', '"a}],"', 'the row is not an object'],
    ['null', 'null', 'the row is not an object'],
  ])('because of %s is rejected alone', async (_, bad, reason) => {
    const good = ['02', '03'].map((day) => row('"CTR":1').replace('-01"', `-${day}"`));
    const outcome = await stage(shapeOf(), [report(good[0]!, bad, good[1]!)]);
    expect(outcome).toMatchObject({ rows: 2, rejectedRows: 1, inputRows: 3 });
    expect(outcome.rejects).toEqual([{ raw: bad, reason, object_id: AD, date: null }]);
  });

  test('because of invalid UTF-8 is rejected alone', async () => {
    const answer = Buffer.from(
      report(row('"AD_NAME":"\xff"'), row('"CTR":1').replace('-01', '-02')),
      'latin1',
    );
    expect(await stage(shapeOf(), [answer])).toMatchObject({
      rows: 1,
      rejects: [{ reason: 'the row is not valid UTF-8', object_id: AD }],
    });
  });

  test('because it is larger than 16 MB is rejected alone, and kept in part', async () => {
    const huge = row(`"AD_NAME":"${'x'.repeat(17 << 20)}"`);
    const outcome = await stage(shapeOf(), [report(huge, row('"CTR":1').replace('-01', '-02'))]);
    expect(outcome.rows).toBe(1);
    expect(outcome.rejects).toEqual([
      { raw: huge.slice(0, 10_000), reason: 'the row is larger than 16 MB', object_id: AD, date: null },
    ]);
  });
});

describe('rejected rows', () => {
  /** Three quarters are no numbers; further ones than a fourth clash: rows of one cell that differ. */
  const given = Array.from({ length: 1_600 }, (_, i) =>
    i < 1_200
      ? `{"DATE":"2026-05-01","AD_ID":${i},"CTR":"N/A"}`
      : `{"DATE":"2026-05-02","AD_ID":${i >> 1},"CTR":${i}}`,
  );

  test.each([[1 << 26], [5_000]])(
    'are all counted, and their cells told, but only a thousand are kept as they came: segments of %i bytes',
    async (segmentBytes) => {
      const outcome = await stage(shapeOf(), [`[${given.join(',')},${row('"AD_ID":1')}]`], { segmentBytes });
      expect(outcome).toMatchObject({ rows: 1, rejectedRows: 1_600, inputRows: 1_601 });
      expect(outcome.rejects.filter(({ raw, reason }) => raw !== null && reason !== null)).toHaveLength(
        1_000,
      );
      expect(outcome.rejects.filter(({ raw, reason }) => (raw === null) !== (reason === null))).toEqual([]);
      const cells = new Set(outcome.rejects.map(({ object_id, date }) => `${object_id} ${date}`));
      expect(cells.size).toBe(1_200 + 200);
    },
  );
});

describe('an answer to one of several questions', () => {
  test('brings only rows of the ids that this question named', async () => {
    const staging = await Staging.open(newWorkFolder(), shapeOf());
    await staging.add(bodyOf(`[${row('"AD_ID":12')},${row('"AD_ID":14')}]`), ['12', '13']);
    await staging.add(bodyOf(`[${row('"AD_ID":13')},${row('"AD_ID":14')}]`), ['14', '15']);
    const outcome = await readBack(await staging.finish());
    await staging.close();
    expect(outcome.rowsRead.map(({ object_id }) => object_id)).toEqual(['12', '14']);
    expect(outcome.rejects.map(({ reason }) => reason)).toEqual([
      'AD_ID: 13 was not asked for',
      'AD_ID: 14 was not asked for',
    ]);
  });
});

describe('a row without end', () => {
  test('is rejected alone, and does not pile up', async () => {
    const folder = newWorkFolder();
    let most = 0;
    const piece = Buffer.alloc(1 << 20, 'x');
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('[{"DATE":"2026-05-01","AD_ID":1,"AD_NAME":"');
      for (let i = 0; i < 100; i++) {
        yield piece;
        const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
        most = Math.max(
          most,
          process.memoryUsage().arrayBuffers + sizes.reduce((sum, size) => sum + size, 0),
        );
      }
      yield Buffer.from('"},{"DATE":"2026-05-01","AD_ID":2}]');
    }
    const staging = await Staging.open(folder, shapeOf());
    const before = process.memoryUsage().arrayBuffers;
    await staging.add(Readable.from(body()), 'all');
    const outcome = await readBack(await staging.finish());
    await staging.close();
    expect(outcome).toMatchObject({ rows: 1, rejectedRows: 1 });
    expect(outcome.rejects[0]!.reason).toBe('the row is larger than 16 MB');
    expect(most - before).toBeLessThan(64 << 20);
  });
});

describe('a cell that came twice', () => {
  const [one, other] = [row('"CTR":1,"CAMPAIGN_ID":3'), row('"CTR":2,"CAMPAIGN_ID":"3"')];
  const next = one.replace('-01', '-02');

  test('with the same content counts once', async () => {
    const outcome = await stage(shapeOf(), [report(one, next, one.replace('1,', '1.0, ')), report(one)]);
    expect(outcome).toMatchObject({ rows: 2, rejectedRows: 0, inputRows: 2 });
    expect(outcome.rowsRead.map(({ date }) => date)).toEqual(['2026-05-01', '2026-05-02']);
  });

  test.each([
    ['in one answer', [report(one, next, other, one)]],
    ['across answers', [report(one, one), report(next, other)]],
  ])('with different contents %s is rejected altogether', async (_, answers) => {
    const outcome = await stage(shapeOf(), answers);
    expect(outcome).toMatchObject({ rows: 1, rejectedRows: 3, inputRows: 4 });
    expect(outcome.rowsRead).toMatchObject([{ date: '2026-05-02' }]);
    expect(outcome.rejects.map(({ raw, reason, date }) => [JSON.parse(raw).CTR, reason, date])).toEqual(
      [1, 1, 2].map((ctr) => [ctr, 'two different rows for one cell', '2026-05-01']),
    );
  });
});

describe('the work folder', () => {
  test('is gone after close, which may be called twice', async () => {
    const folder = newWorkFolder();
    const staging = await Staging.open(folder, shapeOf());
    await staging.add(bodyOf(report(row('"CTR":1'))), 'all');
    const { rowFiles } = await staging.finish();
    expect(rowFiles.every((file) => file.startsWith(folder) && existsSync(file))).toBe(true);
    await staging.close();
    await staging.close();
    expect(existsSync(folder)).toBe(false);
  });

  test('holds no segments once they are checked', async () => {
    const staging = await Staging.open(newWorkFolder(), shapeOf());
    await Promise.all(['12', '13'].map((id) => staging.add(bodyOf(`[${row(`"AD_ID":${id}`)}]`), 'all')));
    const staged = await staging.finish();
    expect(staged.rowFiles.map((file) => existsSync(file.replace('.rows.parquet', '')))).toEqual([
      false,
      false,
    ]);
    expect((await readBack(staged)).rowsRead).toHaveLength(2);
    await expect(staging.add(bodyOf(report(row('"CTR":1'))), 'all')).rejects.toThrow('finished');
    await staging.close();
  });
});
