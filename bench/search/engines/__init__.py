"""The engines that known items are looked for with, each set up as its documentation suggests."""
