/** The package `shardmill`: the API of a program, and what a job or a configuration imports. */
export * from '@shardmill/client';
