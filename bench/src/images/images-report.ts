import { spreadText } from '../report-text.js';
import type { ImagesResult } from '../results.js';

/** What people read of images. */
export function imagesReport(result: ImagesResult | undefined): string[] {
  if (result === undefined) return [];
  const { images, productPerCpuSecond, baselinePerCpuSecond, ratio, peaks } = result;
  return [
    `Images, ${images.toLocaleString('en')} JPEGs of 500 x 375, through a cheap convolution of 224 x 224`,
    `  product ${productPerCpuSecond.median.toFixed(0)} images a second of one core; sharp and ONNX Runtime alone ${baselinePerCpuSecond.median.toFixed(0)}`,
    `  ratio ${spreadText(ratio, 2)}; peak memory ${(peaks.pssBytes / 1e6).toFixed(0)} MB (PSS)`,
  ];
}
