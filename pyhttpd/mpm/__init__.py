"""Multi-processing models: one parent, three kinds of children, one scoreboard."""
