import { describe, expect, it } from 'vitest';
import { addressFault, hostRule } from './address-rules.js';

describe('an address for jobs of a fleet', () => {
  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    'may be public: %s',
    (address) => {
      expect(addressFault(address, 'public')).toBeUndefined();
    },
  );

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
  ])('may be %s only where the configuration names its host', (address) => {
    expect(addressFault(address, 'public')).toBe('is not public');
    expect(addressFault(address, 'named')).toBeUndefined();
  });

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ])('is never %s', (address) => {
    expect(addressFault(address, 'public')).toBeDefined();
    expect(addressFault(address, 'named')).toBeDefined();
    expect(addressFault(address, 'any')).toBeUndefined();
  });

  it('is an address', () => {
    expect(addressFault('localhost', 'public')).toBe('is no address');
  });
});

describe('the host of a receiver', () => {
  const allow = { notify: ['hooks.slack.com', '*.corp.example', 'churn-*=churn.example'] };

  it('may be any with public addresses where nothing is set', () => {
    expect(hostRule(undefined, 'job', 'a.example')).toBe('public');
    expect(hostRule({ inputs: ['/data'] }, 'job', 'a.example')).toBe('public');
  });

  it.each([
    ['job', 'hooks.slack.com', 'named'],
    ['job', 'HOOKS.slack.com', 'named'],
    ['job', 'evil-hooks.slack.com', undefined],
    ['job', 'hooks.slack.com.evil.example', undefined],
    ['job', 'a.b.corp.example', 'named'],
    ['job', 'corp.example', undefined],
    ['job', 'evilcorp.example', undefined],
    ['job', 'churn.example', undefined],
    ['churn-eu', 'churn.example', 'named'],
    ['churn-eu', 'hooks.slack.com', undefined],
  ])('of job %s, %s is %s where hosts are named', (job, host, rule) => {
    expect(hostRule(allow, job, host)).toBe(rule);
  });
});
