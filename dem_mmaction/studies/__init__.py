"""Studies: train and test the networks of an experiment, put the numbers side by side.

From the ground up: what a study is (:mod:`.study`, :mod:`.catalogue`, :mod:`.thesis`),
where its runs live (:mod:`.folders`), at which size (:mod:`.presets`), how they run
(:mod:`.jobs`, :mod:`.running`), what they have found (:mod:`.results`), and how that is
shown (:mod:`.tables`, :mod:`.figures`, :mod:`.report`).
"""
