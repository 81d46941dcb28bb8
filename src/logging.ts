// Structured logs of the worker: one JSON object a line, secrets left out.
import pino, { type Logger } from 'pino';
import type { Logger as TemporalLogger, LogMetadata } from '@temporalio/common';

/** Writes to standard error. */
export const createLogger = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['*.token', '*.authorization', '*.Authorization', '*.headers'], censor: '***' },
    },
    pino.destination({ dest: 2, sync: true }),
  );

/** Temporal's own messages through the same logger. */
export const temporalLogger = (logger: Logger): TemporalLogger => {
  const at =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, meta?: LogMetadata): void =>
      logger[level](meta ?? {}, message);
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    log: (level, message, meta) => at(level.toLowerCase() as 'info')(message, meta),
  };
};
