/** What the profile of a run calls itself; a reader refuses any other. */
export const PROFILE_FORMAT = 'shardmill-profile/1';
