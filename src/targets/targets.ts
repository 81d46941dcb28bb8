// Every kind of target, made of its part of the spec and of what the worker's environment says.
import type { ExperiencePlatformTarget, ParquetTarget, TargetSpec } from '../dataflow/spec.js';
import type { MissingVariables } from '../dataflow/targets.js';
import type { Settings } from '../settings.js';
import { experiencePlatformTarget } from './experience-platform/experience-platform-target.js';
import { parquetTarget } from './parquet/parquet-target.js';
import type { Target } from './target.js';

/** Makes targets of one kind; what they share, a token say, it keeps. */
export type TargetMaker<Spec extends TargetSpec> = (spec: Spec) => Target;

interface Makers {
  'experience-platform': TargetMaker<ExperiencePlatformTarget> | undefined;
  parquet: TargetMaker<ParquetTarget> | undefined;
}

export class Targets {
  private readonly makers: Makers;
  readonly missing: MissingVariables;

  constructor({ parquetFolder, experiencePlatform }: Pick<Settings, 'parquetFolder' | 'experiencePlatform'>) {
    this.makers = {
      'experience-platform': experiencePlatform.access && experiencePlatformTarget(experiencePlatform.access),
      parquet: parquetFolder === undefined ? undefined : parquetTarget(parquetFolder),
    };
    this.missing = {
      'experience-platform': experiencePlatform.missing,
      parquet: parquetFolder === undefined ? ['PARQUET_FOLDER'] : [],
    };
  }

  /** A target whose kind's variables are all there: `missing` says so, and a spec is refused by it. */
  open(spec: TargetSpec): Target {
    const make = this.makers[spec.kind] as TargetMaker<TargetSpec> | undefined;
    if (make) return make(spec);
    throw new Error(`This worker lacks ${this.missing[spec.kind].join(', ')}`);
  }
}
