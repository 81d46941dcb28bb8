// Rows through a mapping in a thread of its own: what ends it, and what does not.
import { spawnSync } from 'node:child_process';

const LONGEST_MS = 2_000;

/**
 * A process that maps a row, as the worker does; what it got, or the error.
 * @param standsStillMs it does nothing for so long meanwhile, as if others had the machine
 */
const map = (mapping: Record<string, string>, standsStillMs = 0): unknown => {
  const program = `(async () => {
    const { Mapper } = await import('./dist/src/targets/experience-platform/mapping/mapper.js');
    const mapper = new Mapper(${JSON.stringify(mapping)}, ${LONGEST_MS});
    const mapped = mapper.map([{ campaign_id: '626735565838', date: '2026-05-04' }]);
    if (${standsStillMs}) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${standsStillMs});
    console.log(JSON.stringify(await mapped.catch(({ message }) => message)));
    await mapper.close();
  })()`;
  const { stdout } = spawnSync(process.execPath, ['-'], { input: program, encoding: 'utf8' });
  return JSON.parse(stdout);
};

test('a machine that is busy with other things refuses no mapping', () => {
  expect(map({ '_acme.id': 'campaign_id' }, LONGEST_MS + 500)).toEqual([
    { row: { _acme: { id: '626735565838' } } },
  ]);
});

test('what does not end is ended, and its path and row are named', () => {
  const endless = '$match($pad("", 40, "a") & "!", /^(a?a+)+$/)';
  expect(map({ '_acme.id': 'campaign_id', '_acme.x': endless })).toBe(
    'mapping["_acme.x"]: takes longer than 2 s; in the row of campaign_id 626735565838, date 2026-05-04',
  );
});
