"""The thesis's numbers, to stand beside measured ones and never in place of them.

Accuracies are percentages, on miniKinetics where nothing else is said.
"""

#: Tables 4.1 (video) and 4.2 (clip): top-1 by metric, training rate and network, at the
#: test rates 1, 2 and 4.
MULTIRATE = {
    'video/top1': {
        1: dict(without=(52.52, 51.63, 47.27), dem=(53.53, 53.13, 49.36)),
        2: dict(without=(50.50, 52.24, 50.66), dem=(54.30, 55.85, 54.75)),
        4: dict(without=(48.22, 53.67, 55.26), dem=(49.00, 54.26, 56.27)),
    },
    'clip/top1': {
        1: dict(without=(40.45, 40.25, 38.04), dem=(42.30, 42.45, 40.61)),
        2: dict(without=(38.69, 41.42, 41.77), dem=(41.90, 44.69, 45.19)),
        4: dict(without=(36.35, 41.63, 45.44), dem=(36.81, 42.56, 46.10)),
    },
}

#: Table 4.3: video top-1 and top-5, clip top-1 and top-5 by where DEM stands.
ABLATION = {
    'none': (55.01, 80.97, 43.01, 70.19),
    'conv1': (59.84, 84.34, 48.21, 74.52),
    'conv2_x': (61.85, 84.90, 49.41, 75.16),
    'conv3_x': (61.07, 84.84, 49.47, 75.20),
    'conv4_x': (61.63, 84.94, 50.03, 75.40),
    'conv5_x': (59.54, 83.66, 47.73, 74.10),
    'all': (58.30, 83.02, 45.91, 72.80),
}

#: Table 4.4: video top-1 on the three splits, and the means that it prints.
TRANSFER = {
    'ucf101': dict(without=(70.58, 70.13, 70.13), dem=(73.46, 73.38, 73.38)),
    'hmdb51': dict(without=(42.55, 37.64, 42.16), dem=(43.14, 41.11, 42.22)),
}
TRANSFER_MEAN = {
    'ucf101': dict(without=70.28, dem=73.41),
    'hmdb51': dict(without=40.78, dem=42.16),
}

#: What section 4.2.1 says of Figure 4.1, and section 4.3 of Figure 4.3.
GAINS = '129 of 200 classes gain'
LOSSES = (
    'the training loss with DEM in all stages is like that without DEM, and '
    'higher than that with DEM in any one stage'
)
