import matplotlib.pyplot as plt
from matplotlib_venn import venn3

plt.figure(figsize=(5.5, 5))
diagram = venn3(subsets=(214, 167, 58, 143, 39, 46, 31), set_labels=("Heart", "Liver", "Kidney"), alpha=0.6)
diagram.get_patch_by_id("100").set_color("#ef476f")
diagram.get_patch_by_id("010").set_color("#ffd166")
diagram.get_patch_by_id("001").set_color("#118ab2")
for text in diagram.set_labels:
    text.set_fontsize(14)
plt.title("Genes expressed in three tissues")

plt.savefig("HR_3.pdf", bbox_inches="tight")
