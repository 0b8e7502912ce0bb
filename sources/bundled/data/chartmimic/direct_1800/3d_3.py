import matplotlib.pyplot as plt

setosa = ([1.4, 1.3, 1.5, 1.7, 1.4, 1.6], [0.2, 0.2, 0.3, 0.4, 0.1, 0.2], [5.1, 4.7, 5.0, 5.4, 4.9, 4.8])
versicolor = ([4.7, 4.5, 4.0, 4.6, 3.9, 4.2], [1.4, 1.5, 1.3, 1.5, 1.1, 1.3], [7.0, 6.4, 5.5, 6.5, 5.6, 5.7])
virginica = ([6.0, 5.1, 5.9, 5.6, 5.8, 6.6], [2.5, 1.9, 2.1, 1.8, 2.2, 2.1], [6.3, 5.8, 7.1, 6.3, 6.5, 7.6])

fig = plt.figure(figsize=(6, 5))
ax = fig.add_subplot(111, projection="3d")
ax.scatter(*setosa, marker="o", s=50, color="#588157", label="setosa")
ax.scatter(*versicolor, marker="^", s=50, color="#e07a5f", label="versicolor")
ax.scatter(*virginica, marker="s", s=50, color="#3d405b", label="virginica")
ax.set_xlabel("Petal length (cm)")
ax.set_ylabel("Petal width (cm)")
ax.set_zlabel("Sepal length (cm)")
ax.legend(loc="upper left")
ax.view_init(elev=20, azim=-60)

plt.savefig("3d_3.pdf", bbox_inches="tight")
