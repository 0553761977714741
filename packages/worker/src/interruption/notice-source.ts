import { AwsNotices } from './aws-notices.js';
import { AzureNotices } from './azure-notices.js';
import { GcpNotices } from './gcp-notices.js';
import type { NoticeOptions, NoticeSource } from './notice.js';

/** Clouds whose notices can be asked for. */
const NOTICE_SOURCES = ['aws', 'gcp', 'azure'] as const;
export type NoticeSourceName = (typeof NOTICE_SOURCES)[number];

export function noticeSource(name: NoticeSourceName, options: NoticeOptions): NoticeSource {
  switch (name) {
    case 'aws':
      return new AwsNotices(options);
    case 'gcp':
      return new GcpNotices(options);
    case 'azure':
      return new AzureNotices(options);
    default: {
      const unknown: never = name;
      return unknown;
    }
  }
}
