// A certificate of our own for this machine, as a company's proxy or a server without a name has one.
import { generate } from 'selfsigned';

export interface Certificate {
  key: string;
  cert: string;
}

/** For `localhost`, 127.0.0.1 and the names given; signed by itself. */
export const selfMadeCertificate = (...names: string[]): Certificate => {
  const altNames = [
    { type: 7, ip: '127.0.0.1' },
    ...['localhost', ...names].map((value) => ({ type: 2, value })),
  ];
  const { private: key, cert } = generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2_048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { key, cert };
};
